// A macro by example makes the same statement for each table.
use sqlx::PgConnection;

macro_rules! purge {
    ($($name:ident => $sql:literal),* $(,)?) => {$(
        pub async fn $name(conn: &mut PgConnection) -> Result<u64, sqlx::Error> {
            Ok(sqlx::query($sql).execute(conn).await?.rows_affected())
        }
    )*};
}

purge! {
    purge_seeds => "DELETE FROM seeds WHERE old",
    purge_pots => "DELETE FROM pots WHERE broken",
}
