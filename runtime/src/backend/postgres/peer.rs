use sqlx::{PgConnection, Row, ValueRef};

/// One session of the server. Process ids are used again, so the time it began is part of its name:
/// no other session is hit, however late the call.
///
/// `CancelRequest` would need no session of its own to send, but `sqlx` keeps the secret key for it
/// private.
#[derive(Clone, Debug)]
pub struct Peer {
    pid: i32,
    began: String,
}

impl Peer {
    pub(super) async fn of(connection: &mut PgConnection) -> Result<Peer, sqlx::Error> {
        let name =
            sqlx::raw_sql("SELECT pid, backend_start FROM pg_stat_get_activity(pg_backend_pid())");
        let row = name.fetch_one(connection).await?;
        // The simple protocol: all values are text.
        let (pid, began) = (row.try_get_raw(0)?, row.try_get_raw(1)?);
        if pid.is_null() || began.is_null() {
            return Err(sqlx::Error::RowNotFound);
        }
        let text = |value: sqlx::postgres::PgValueRef<'_>| {
            value.as_str().map(str::to_owned).map_err(sqlx::Error::Decode)
        };
        let pid = text(pid)?.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        Ok(Peer { pid, began: text(began)? })
    }

    /// A call of an administration function on this session and no other; no row where it is gone.
    pub(super) fn call(&self, function: &str) -> String {
        let Peer { pid, began } = self;
        format!(
            "SELECT {function}({pid}) FROM pg_stat_get_activity({pid}) \
             WHERE backend_start = '{began}'"
        )
    }
}
