//! PostgreSQL's protocol, as far as it takes to tell messages apart.

use std::mem;

use crate::counts::{Counts, Messages};

const CANCEL_REQUEST: u32 = 80_877_102;
const SSL_REQUEST: u32 = 80_877_103;
const GSSENC_REQUEST: u32 = 80_877_104;

/// One connection's conversation.
#[derive(Default)]
pub(crate) struct Dialogue {
    client: Stream,
    server: Stream,
    /// The client has sent its `StartupMessage`: from now on messages have a type.
    started: bool,
    /// The client asked for encryption: the server answers with one byte.
    encryption_asked: bool,
    /// No more can be told apart.
    encrypted: bool,
    /// The client has sent something that `ReadyForQuery` will answer.
    unanswered: bool,
}

/// One direction of it, of which only headers are kept.
#[derive(Default)]
struct Stream {
    header: Vec<u8>,
    body_left: usize,
}

impl Dialogue {
    /// Counts what the client sent.
    pub(crate) fn sent(&mut self, mut bytes: &[u8], counts: &mut Counts) {
        while !self.encrypted {
            let Some(counter) = self.client_message(&mut bytes, &mut counts.messages) else {
                return;
            };
            *counter += 1;
            self.unanswered = true;
        }
    }

    /// Counts what the server answered.
    pub(crate) fn answered(&mut self, mut bytes: &[u8], counts: &mut Counts) {
        if let [answer, rest @ ..] = bytes
            && mem::take(&mut self.encryption_asked)
        {
            self.encrypted = *answer != b'N';
            bytes = rest;
        }
        while !self.encrypted {
            let Some(header) = self.server.header(&mut bytes, 5) else {
                return;
            };
            self.server.body_left = (number(&header[1..]) as usize).saturating_sub(4);
            if header[0] == b'Z' && mem::take(&mut self.unanswered) {
                counts.round_trips += 1;
            }
        }
    }

    fn client_message<'c>(
        &mut self,
        bytes: &mut &[u8],
        messages: &'c mut Messages,
    ) -> Option<&'c mut u64> {
        if !self.started {
            let header = self.client.header(bytes, 8)?;
            self.client.body_left = (number(&header) as usize).saturating_sub(8);
            return Some(match number(&header[4..]) {
                CANCEL_REQUEST => &mut messages.cancel_request,
                SSL_REQUEST | GSSENC_REQUEST => {
                    self.encryption_asked = true;
                    &mut messages.encryption_request
                }
                _ => {
                    self.started = true;
                    &mut messages.startup
                }
            });
        }
        let header = self.client.header(bytes, 5)?;
        self.client.body_left = (number(&header[1..]) as usize).saturating_sub(4);
        Some(match header[0] {
            b'p' => &mut messages.password,
            b'Q' => &mut messages.query,
            b'P' => &mut messages.parse,
            b'B' => &mut messages.bind,
            b'D' => &mut messages.describe,
            b'E' => &mut messages.execute,
            b'C' => &mut messages.close,
            b'H' => &mut messages.flush,
            b'S' => &mut messages.sync,
            b'X' => &mut messages.terminate,
            _ => &mut messages.other,
        })
    }
}

impl Stream {
    /// Passes over what is left of the last message and takes the next `size` bytes, once all are there.
    fn header(&mut self, bytes: &mut &[u8], size: usize) -> Option<Vec<u8>> {
        let body = self.body_left.min(bytes.len());
        self.body_left -= body;
        *bytes = &bytes[body..];
        let (header, rest) = bytes.split_at(bytes.len().min(size - self.header.len()));
        self.header.extend_from_slice(header);
        *bytes = rest;
        (self.header.len() == size).then(|| mem::take(&mut self.header))
    }
}

/// The number that `bytes` start with.
fn number(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}
