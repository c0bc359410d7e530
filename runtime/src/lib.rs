//! A handler may hold a pooled database connection only inside a lease.
