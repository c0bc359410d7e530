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
    #[must_use]
    pub const fn new(client: C) -> Self {
        Remote { client }
    }

    /// Returns the client, for as long as the session holds no connection.
    #[must_use]
    pub fn get<'a, DB: Backend>(&'a self, session: &'a Session<DB>) -> &'a C {
        let _ = session;
        &self.client
    }
}

// Clients carry credentials.
opaque_debug!([C] Remote<C>, "Remote");
