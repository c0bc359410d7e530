// The transaction decides what to do, and ends; then it is done.
use sqlx::PgPool;

enum Next {
    Charge(i64),
    Remind(String),
    Nothing,
}

async fn decide(pool: &PgPool, id: i64) -> sqlx::Result<Next> {
    let mut tx = pool.begin().await?;
    let due: Option<i64> = sqlx::query_scalar("SELECT due FROM plans WHERE id = $1 FOR UPDATE")
        .bind(id)
        .fetch_optional(&mut *tx)
        .await?;
    let next = match due {
        Some(due) if due > 0 => Next::Charge(due),
        Some(_) => Next::Remind("soon".to_owned()),
        None => Next::Nothing,
    };
    sqlx::query("UPDATE plans SET seen = now() WHERE id = $1").bind(id).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(next)
}

pub async fn run(pool: &PgPool, http: &reqwest::Client, id: i64) -> anyhow::Result<()> {
    match decide(pool, id).await? {
        Next::Charge(due) => drop(http.post("https://pay.test/").json(&due).send().await?),
        Next::Remind(text) => drop(http.post("https://mail.test/").body(text).send().await?),
        Next::Nothing => {}
    }
    Ok(())
}
