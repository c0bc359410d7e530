//! A language server, as an editor talks to it.

use std::io::{BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use lsp_server::{Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

use super::Error;

/// It reads all dependencies and builds their macros before it answers.
const LIMIT: Duration = Duration::from_secs(900);

pub(super) struct Server {
    process: Child,
    input: ChildStdin,
    messages: Receiver<Message>,
    version: String,
    file: String,
    asked: i32,
    written: i32,
    /// It has read all that it was told.
    is_quiet: bool,
}

impl Server {
    /// Opens a file of a package, and waits until the server knows all of it.
    pub(super) fn start(package: &Path, file: &str, text: &str) -> Result<Server, Error> {
        let mut process = Command::new("rust-analyzer")
            .current_dir(package)
            .env("CARGO_TARGET_DIR", package.join("target"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("rust-analyzer: {error}; {INSTALL}"))?;
        let input = process.stdin.take().expect("it is piped");
        let mut output = BufReader::new(process.stdout.take().expect("it is piped"));
        let (sender, messages) = channel();
        thread::spawn(move || {
            while let Ok(Some(message)) = Message::read(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let root = format!("file://{}", package.display());
        let mut server = Server {
            process,
            input,
            messages,
            version: String::new(),
            file: format!("{root}/{file}"),
            asked: 0,
            written: 0,
            is_quiet: false,
        };
        let initialized = server.ask(
            "initialize",
            json!({
                "processId": std::process::id(),
                "rootUri": root,
                "initializationOptions": options(),
                "capabilities": {
                    "experimental": { "serverStatusNotification": true },
                    "textDocument": { "diagnostic": {}, "hover": { "contentFormat": ["plaintext"] } },
                },
            }),
        )?;
        let info = &initialized["serverInfo"];
        server.version = format!("{} {}", info["name"], info["version"]).replace('"', "");
        server.tell("initialized", json!({}))?;
        server.write(text)?;
        server.settle()?;
        Ok(server)
    }

    /// Its name and version.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Tells it what the file holds now.
    pub(super) fn write(&mut self, text: &str) -> Result<(), Error> {
        self.written += 1;
        let version = self.written;
        let uri = &self.file;
        match version {
            1 => self.tell(
                "textDocument/didOpen",
                json!({ "textDocument": { "uri": uri, "languageId": "rust", "version": version, "text": text } }),
            ),
            _ => self.tell(
                "textDocument/didChange",
                json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": [{ "text": text }] }),
            ),
        }
    }

    pub(super) fn diagnostics(&mut self) -> Result<Value, Error> {
        let file = json!({ "textDocument": { "uri": self.file } });
        Ok(self.ask("textDocument/diagnostic", file)?["items"].take())
    }

    pub(super) fn completion(&mut self, at: (u64, u64)) -> Result<Value, Error> {
        Ok(self.ask("textDocument/completion", self.at(at))?["items"].take())
    }

    pub(super) fn hover(&mut self, at: (u64, u64)) -> Result<Value, Error> {
        Ok(self.ask("textDocument/hover", self.at(at))?["contents"]["value"].take())
    }

    pub(super) fn definition(&mut self, at: (u64, u64)) -> Result<Vec<(u64, u64)>, Error> {
        let found = self.ask("textDocument/definition", self.at(at))?;
        Ok(starts(&found))
    }

    pub(super) fn rename(&mut self, at: (u64, u64), name: &str) -> Result<Vec<(u64, u64)>, Error> {
        let mut params = self.at(at);
        params["newName"] = name.into();
        let found = self.ask("textDocument/rename", params)?;
        Ok(starts(&found["documentChanges"][0]["edits"]))
    }

    fn at(&self, (line, character): (u64, u64)) -> Value {
        json!({
            "textDocument": { "uri": self.file },
            "position": { "line": line, "character": character },
        })
    }

    /// Asks, and waits for the answer.
    fn ask(&mut self, method: &str, params: Value) -> Result<Value, Error> {
        self.asked += 1;
        let id = self.asked.into();
        self.send(Request { id, method: method.to_owned(), params }.into())?;
        let id = RequestId::from(self.asked);
        let until = Instant::now() + LIMIT;
        loop {
            match self.next(until)? {
                Message::Response(Response { id: of, response_result }) if of == id => {
                    let answer = response_result;
                    return answer.map_err(|error| format!("{method}: {}", error.message).into());
                }
                other => self.handle(other)?,
            }
        }
    }

    /// Waits until it has nothing more to read.
    fn settle(&mut self) -> Result<(), Error> {
        let until = Instant::now() + LIMIT;
        while !self.is_quiet {
            let message = self.next(until)?;
            self.handle(message)?;
        }
        Ok(())
    }

    fn next(&self, until: Instant) -> Result<Message, Error> {
        let left = until.saturating_duration_since(Instant::now());
        let message = self.messages.recv_timeout(left);
        message.map_err(|_| format!("rust-analyzer has ended, or is silent; {INSTALL}").into())
    }

    fn handle(&mut self, message: Message) -> Result<(), Error> {
        match message {
            Message::Notification(Notification { method, params }) => {
                if method == "experimental/serverStatus" {
                    self.is_quiet = params["quiescent"] == json!(true);
                }
                Ok(())
            }
            Message::Request(Request { id, method, params }) => {
                let items = params["items"].as_array().map_or(0, Vec::len);
                let result = match method.as_str() {
                    "workspace/configuration" => vec![options(); items].into(),
                    _ => Value::Null,
                };
                self.send(Response::new_ok(id, result).into())
            }
            Message::Response(_) => Ok(()),
        }
    }

    fn tell(&mut self, method: &str, params: Value) -> Result<(), Error> {
        self.send(Notification { method: method.to_owned(), params }.into())
    }

    fn send(&mut self, message: Message) -> Result<(), Error> {
        message.write(&mut self.input)?;
        Ok(self.input.flush()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const INSTALL: &str = "install it with `rustup component add rust-analyzer rust-src`";

/// `cargo check` would add what rustc says, which other tests hold.
fn options() -> Value {
    json!({ "checkOnSave": false })
}

/// The starts of ranges, whichever kind of link or edit they are in.
fn starts(found: &Value) -> Vec<(u64, u64)> {
    let found = found.as_array().into_iter().flatten();
    let ranges = found.map(|found| match &found["targetSelectionRange"] {
        Value::Null => &found["range"]["start"],
        range => &range["start"],
    });
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    ranges.map(|start| (number(&start["line"]), number(&start["character"]))).collect()
}
