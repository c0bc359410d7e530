use crate::{Backend, Session};

/// A client of something remote, out of reach while a lease of the session is open.
///
/// Opt-in. Wrap the client once; borrow it with the session at each call. As a lease future borrows
/// the session mutably, polled or not, the borrow checker refuses any remote call beside it.
#[derive(Clone, Default)]
pub struct Remote<C> {
    client: C,
}

impl<C> Remote<C> {
    /// Seals a client.
    pub const fn new(client: C) -> Self {
        Remote { client }
    }

    /// The client, for as long as the session holds no connection.
    pub fn get<'a, DB: Backend>(&'a self, session: &'a Session<DB>) -> &'a C {
        let _ = session;
        &self.client
    }
}

// Clients carry credentials.
opaque_debug!([C] Remote<C>, "Remote");
