use crate::{Backend, Conn};

/// The type that the body of a lease sees: a connection, or a transaction on it. Sealed.
pub trait Leased<DB: Backend> {
    #[doc(hidden)]
    fn over(conn: Conn<DB>) -> Self;

    #[doc(hidden)]
    fn into_conn(self) -> Conn<DB>;
}

impl<DB: Backend> Leased<DB> for Conn<DB> {
    fn over(conn: Conn<DB>) -> Self {
        conn
    }

    fn into_conn(self) -> Conn<DB> {
        self
    }
}
