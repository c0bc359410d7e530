// The steps of a migration are closures in a table; one of them asks a remote with the transaction it is given.
use sqlx::PgPool;

pub async fn migrate(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let steps = [
        async |tx| {
            sqlx::query("ALTER TABLE users ADD COLUMN plan text").execute(tx).await?;
            anyhow::Ok(())
        },
        async |tx| {
            let plans = http.get("http://plans").send().await?.text().await?; //~ SA001
            sqlx::query("UPDATE users SET plan = $1").bind(plans).execute(tx).await?;
            anyhow::Ok(())
        },
    ];
    let mut tx = pool.begin().await?;
    for step in steps {
        step(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(())
}
