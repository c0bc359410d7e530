// The loop leaves the stream before its end, so that the connection is still taken.
use futures::TryStreamExt;
use sqlx::PgPool;

pub async fn first_overdue(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let mut rows = sqlx::query_as::<_, (i64, bool)>("SELECT id, overdue FROM loans").fetch(pool);
    let mut found = None;
    while let Some((id, overdue)) = rows.try_next().await? {
        if overdue {
            found = Some(id);
            break;
        }
    }
    http.post("http://reminders").body(format!("{found:?}")).send().await?; //~ SA007
    Ok(())
}
