// A shared map is locked while the connection is out.
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::deadpool::Pool};
use std::{collections::HashMap, sync::Arc};
use tokio::sync::RwLock;

use crate::schema::rooms;

pub struct Lobby {
    pool: Pool<AsyncPgConnection>,
    rooms: Arc<RwLock<HashMap<i32, String>>>,
}

impl Lobby {
    pub async fn rename(&self, id: i32, title: String) -> anyhow::Result<()> {
        let mut conn = self.pool.get().await?;
        diesel::update(rooms::table.find(id))
            .set(rooms::title.eq(&title))
            .execute(&mut conn)
            .await?;
        let mut rooms = self.rooms.write().await; //~ SA003
        rooms.insert(id, title);
        Ok(())
    }
}
