// A fan-out of remote calls is joined while the connection stays out.
use futures::future::join_all;
use sqlx::PgPool;

pub async fn check_links(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<usize> {
    let mut conn = pool.acquire().await?;
    let links: Vec<(i64, String)> =
        sqlx::query_as("SELECT id, href FROM links").fetch_all(&mut *conn).await?;
    let answers = join_all(links.iter().map(|(_, href)| http.head(href).send())).await; //~ SA003
    let mut dead = 0;
    for ((id, _), answer) in links.iter().zip(answers) {
        if answer.is_err() {
            sqlx::query("UPDATE links SET dead = true WHERE id = $1")
                .bind(id)
                .execute(&mut *conn)
                .await?;
            dead += 1;
        }
    }
    Ok(dead)
}
