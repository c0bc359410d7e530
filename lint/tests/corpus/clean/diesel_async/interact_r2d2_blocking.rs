// A blocking diesel connection lives in a blocking task and is never held across an await.
use deadpool_diesel::postgres::Pool;
use diesel::prelude::*;

use crate::schema::users;

pub async fn name_of(pool: &Pool, http: &reqwest::Client, id: i32) -> anyhow::Result<String> {
    let name: String = {
        let conn = pool.get().await?;
        conn.interact(move |conn| users::table.find(id).select(users::name).first(conn))
            .await
            .map_err(|error| anyhow::anyhow!("{error}"))??
    };
    http.post("http://seen").body(name.clone()).send().await?;
    Ok(name)
}
