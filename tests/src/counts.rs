//! What passed through a [`Proxy`](crate::proxy::Proxy).

use std::ops::Sub;

/// A record of counters, where `after - before` is what happened in between.
macro_rules! counters {
    (
        $(#[$about:meta])*
        $name:ident { $($(#[$what:meta])* $counter:ident: $type:ty,)+ }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            $($(#[$what])* pub $counter: $type,)+
        }

        impl Sub for $name {
            type Output = Self;

            fn sub(self, before: Self) -> Self {
                Self { $($counter: self.$counter - before.$counter,)+ }
            }
        }
    };
}

counters! {
    /// What passed, counted as it reaches the proxy, before any delay.
    ///
    /// What a client sends without waiting for an answer, such as its goodbye, is counted a moment after the
    /// client has gone on: wait for it with [`until`](crate::wait::until).
    Counts {
        /// Connections accepted.
        connections: u64,
        /// From clients to the server.
        to_server: Traffic,
        /// From the server to clients.
        to_client: Traffic,
        /// Flights of one or more messages to the server that it ended with `ReadyForQuery`. Opening a
        /// connection is one; messages sent before the first of them is answered are one.
        round_trips: u64,
        /// The messages that clients sent.
        messages: Messages,
    }
}

counters! {
    /// One direction.
    Traffic {
        /// Bytes.
        bytes: u64,
        /// Reads that brought them.
        chunks: u64,
    }
}

counters! {
    /// Messages of PostgreSQL's frontend, by type.
    Messages {
        /// `StartupMessage`: a session begins.
        startup: u64,
        /// `SSLRequest` or `GSSENCRequest`.
        encryption_request: u64,
        /// `CancelRequest`, on a connection of its own.
        cancel_request: u64,
        /// `PasswordMessage` and the messages of SASL.
        password: u64,
        /// `Query`: the simple protocol.
        query: u64,
        /// `Parse`: a statement is prepared.
        parse: u64,
        /// `Bind`.
        bind: u64,
        /// `Describe`.
        describe: u64,
        /// `Execute`.
        execute: u64,
        /// `Close`: a prepared statement or portal is given up.
        close: u64,
        /// `Flush`.
        flush: u64,
        /// `Sync`.
        sync: u64,
        /// `Terminate`: a goodbye.
        terminate: u64,
        /// All others: `COPY` data and function calls.
        other: u64,
    }
}
