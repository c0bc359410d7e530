// sea-orm's own DbConn is an alias of its pool.
use sea_orm::{DbConn, DbErr, EntityTrait};

use crate::entity::prelude::Station;

pub struct Query;

impl Query {
    pub async fn names(db: &DbConn) -> Result<Vec<String>, DbErr> {
        Ok(Station::find().all(db).await?.into_iter().map(|station| station.name).collect())
    }
}

pub async fn ping_all(db: &DbConn, http: &reqwest::Client) -> anyhow::Result<usize> {
    let mut alive = 0;
    for name in Query::names(db).await? {
        if http.get(format!("http://{name}/ping")).send().await.is_ok() {
            alive += 1;
        }
    }
    Station::find_by_id(1).one(db).await?;
    Ok(alive)
}
