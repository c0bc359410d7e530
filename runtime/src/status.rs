/// The state of a pool at one moment, by [`Db::status`](crate::Db::status).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The setting `max_connections`.
    pub max: u32,
    /// Connections in leases.
    pub used: u32,
    /// Connections that are open and free.
    pub idle: u32,
    /// Leases that wait for a connection.
    pub waiting: u32,
    /// Connections that leases left in the middle of something, on their way back.
    pub recovering: u32,
}
