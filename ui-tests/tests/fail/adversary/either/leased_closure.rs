// A body for any lease awaits the connection of the helper that makes it.

use shortlease::{EitherConn, Error, LeasedFn, Sqlite, Tx, leased};

#[leased]
async fn on_mine<'c>(
    conn: &'c mut impl EitherConn<Sqlite>,
) -> impl LeasedFn<Tx<Sqlite>, Result<(), Error>> + 'c {
    let body = #[leased]
    async move |_tx: &mut Tx<Sqlite>| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        Ok::<_, Error>(())
    };
    body
}

fn main() {}
