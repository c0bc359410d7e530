// The connection is dropped before the call, so the allow comment has nothing to excuse.
use sqlx::PgPool;

pub async fn ping_partner(pool: &PgPool, http: &reqwest::Client, id: i64) -> anyhow::Result<u16> {
    let mut conn = pool.acquire().await?;
    let url: String = sqlx::query_scalar("SELECT url FROM partners WHERE id = $1")
        .bind(id)
        .fetch_one(&mut *conn)
        .await?;
    drop(conn);
    // shortlease: allow(SA001, reason = "partners are in our own network") //~ SA011
    let answer = http.get(url).send().await?;
    Ok(answer.status().as_u16())
}
