/// The state of a pool at one moment, by [`Db::status`](crate::Db::status).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The setting `max_connections`.
    pub max: usize,
    /// Connections in leases.
    pub used: usize,
    /// Connections that are open and free.
    pub idle: usize,
    /// Leases that wait for a connection.
    pub waiting: usize,
    /// Connections that leases left in the middle of something, on their way back.
    pub recovering: usize,
}
