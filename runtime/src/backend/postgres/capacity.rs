use sqlx::{PgConnection, Row};

use crate::capacity::Capacity;

/// The tightest of the limits that apply: the server's, the database's, the role's.
pub(super) async fn capacity(
    connection: &mut PgConnection,
) -> Result<Option<Capacity>, sqlx::Error> {
    // `reserved_connections` is known since PostgreSQL 16. Superusers may use what is reserved, and
    // are not bound by the limits of roles and databases.
    let limits = sqlx::query(
        "SELECT current_setting('max_connections')::int,
                current_setting('superuser_reserved_connections')::int,
                coalesce(current_setting('reserved_connections', true)::int, 0),
                rolsuper, rolconnlimit, datconnlimit, rolname::text, datname::text
         FROM pg_roles, pg_database
         WHERE rolname = session_user AND datname = current_database()",
    )
    .persistent(false)
    .fetch_one(connection)
    .await?;
    let number = |column: usize| limits.try_get::<i32, _>(column);
    let name = |column: usize| limits.try_get::<String, _>(column);
    let (max, reserved) = (number(0)?, number(1)? + number(2)?);
    if limits.try_get(3)? {
        return Ok(Some(Capacity::new(max, format!("the server's `max_connections` is {max}"))));
    }
    let server = Capacity::new(
        max - reserved,
        format!("the server's `max_connections` is {max}, and {reserved} of them are reserved"),
    );
    let role = Some(number(4)?).filter(|limit| *limit >= 0);
    let database = Some(number(5)?).filter(|limit| *limit >= 0);
    let role_name = name(6)?;
    let database_name = name(7)?;
    let role = role.map(|limit| {
        Capacity::new(limit, format!("role {role_name:?} has a connection limit of {limit}"))
    });
    let database = database.map(|limit| {
        Capacity::new(
            limit,
            format!("database {database_name:?} has a connection limit of {limit}"),
        )
    });
    let limits = [Some(server), role, database];
    Ok(limits.into_iter().flatten().min_by_key(|limit| limit.sessions))
}
