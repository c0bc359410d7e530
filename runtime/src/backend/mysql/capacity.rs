use sqlx::MySqlConnection;

use crate::capacity::Capacity;

/// The tighter of the limits that apply: the server's and the account's.
pub(super) async fn capacity(
    connection: &mut MySqlConnection,
) -> Result<Option<Capacity>, sqlx::Error> {
    // In a session, `max_user_connections` is the limit of its account, or 0.
    let limits = sqlx::query_as(
        "SELECT CAST(@@max_connections AS SIGNED), CAST(@@max_user_connections AS SIGNED), \
                CURRENT_USER()",
    );
    let (server, account, name): (i64, i64, String) =
        limits.persistent(false).fetch_one(connection).await?;
    let limit = if account > 0 && account <= server {
        Capacity::new(account, format!("account {name:?} has `max_user_connections` of {account}"))
    } else {
        Capacity::new(server, format!("the server's `max_connections` is {server}"))
    };
    Ok(Some(limit))
}
