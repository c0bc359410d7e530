use shortlease::{Error, Postgres, Session, handler};

use crate::remote::Model;

#[derive(sqlx::FromRow)]
struct Draft {
    text: String,
    version: i64,
}

/// Improves a draft. Returns `false` if somebody has changed it meanwhile.
#[handler]
pub(crate) async fn improve(
    db: &mut Session<Postgres>,
    model: &Model,
    id: i64,
) -> Result<bool, Error> {
    let read = sqlx::query_as("SELECT text, version FROM drafts WHERE id = $1");
    let draft: Draft = db.fetch_one(read.bind(id)).await?;
    // No connection, no lock: the version tells later if the draft is still the same.
    let text = model.improve(&draft.text).await;
    let write = "UPDATE drafts SET text = $1, version = version + 1 WHERE id = $2 AND version = $3";
    let write = sqlx::query(write).bind(text).bind(id).bind(draft.version);
    Ok(db.execute(write).await?.rows_affected() == 1)
}

// Tests.

use crate::remote::{database, number};

#[tokio::test]
async fn the_first_of_two_wins() {
    let schema = "CREATE TABLE drafts (id bigint, text text, version bigint);
        INSERT INTO drafts VALUES (1, 'a text', 7)";
    let (_scratch, db) = database(schema).await;
    let (mut one, mut two) = (db.session(), db.session());
    // Both read before either writes: `Model` yields in between.
    let (one, two) = tokio::join!(improve(&mut one, &Model, 1), improve(&mut two, &Model, 1));
    let mut saved = [one.unwrap(), two.unwrap()];
    saved.sort_unstable();
    assert_eq!(saved, [false, true]);
    assert_eq!(number(&db, "SELECT version FROM drafts WHERE text = 'a text, improved'").await, 8);
}
