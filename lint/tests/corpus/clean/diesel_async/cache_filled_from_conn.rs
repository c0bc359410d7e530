// A cell is filled by a future that is made of the connection inside a closure.
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use tokio::sync::OnceCell;

use crate::schema::popular;

pub struct Names(Vec<String>);

impl Names {
    pub async fn load(conn: &mut AsyncPgConnection) -> QueryResult<Self> {
        Ok(Self(popular::table.select(popular::name).limit(1000).load(conn).await?))
    }
}

#[derive(Default)]
pub struct Environment {
    names: OnceCell<Names>,
}

impl Environment {
    pub async fn names(&self, conn: &mut AsyncPgConnection) -> QueryResult<&Names> {
        self.names.get_or_try_init(|| Names::load(conn)).await
    }
}
