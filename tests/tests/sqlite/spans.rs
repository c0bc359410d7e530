//! The spans of `tracing`'s `#[instrument]`, above `#[leased]` and below it.

use shortlease::{Conn, Db, Error, Session, Sqlite, handler, leased};
use tracing::{Span, instrument};

fn span() -> &'static str {
    Span::current().metadata().map_or("none", |metadata| metadata.name())
}

#[instrument(skip_all)]
#[leased]
async fn above(conn: &mut Conn<Sqlite>) -> Result<&'static str, sqlx::Error> {
    sqlx::query("SELECT 1").execute(conn).await?;
    Ok(span())
}

#[leased]
#[instrument(skip_all)]
async fn below(conn: &mut Conn<Sqlite>) -> Result<&'static str, sqlx::Error> {
    sqlx::query("SELECT 1").execute(conn).await?;
    Ok(span())
}

struct Store<'c>(&'c mut Conn<Sqlite>);

#[leased]
impl Store<'_> {
    #[instrument(skip_all)]
    async fn within(&mut self) -> Result<&'static str, sqlx::Error> {
        sqlx::query("SELECT 1").execute(&mut *self.0).await?;
        Ok(span())
    }
}

#[handler]
#[instrument(skip_all)]
async fn handled(db: &mut Session<Sqlite>) -> Result<[&'static str; 4], Error> {
    db.lease(async |conn| {
        let all = [above(conn).await?, below(conn).await?, Store(conn).within().await?, span()];
        Ok(all)
    })
    .await
}

#[tokio::test]
async fn they_are_around_the_body() {
    let _listening = tracing::subscriber::set_default(tracing_subscriber::registry());
    let db = Db::<Sqlite>::connect("sqlite::memory:").await.unwrap();
    let spans = handled(&mut db.session()).await.unwrap();
    assert_eq!(spans[..3], ["above", "below", "within"]);
}
