// A repository takes its own connection inside the caller's transaction.
use diesel::prelude::*;
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl, pooled_connection::deadpool::Pool,
    scoped_futures::ScopedFutureExt,
};

use crate::schema::{members, teams};

#[derive(Clone)]
pub struct Repo {
    pool: Pool<AsyncPgConnection>,
}

impl Repo {
    pub async fn count_members(&self, team: i32) -> Result<i64, RepoError> {
        let mut conn = self.pool.get().await?;
        Ok(members::table.filter(members::team.eq(team)).count().get_result(&mut conn).await?)
    }

    pub async fn close_team(&self, team: i32) -> Result<(), RepoError> {
        let mut conn = self.pool.get().await?;
        conn.transaction(|tx| {
            async move {
                let left = self.count_members(team).await?; //~ SA002
                if left > 0 {
                    return Err(RepoError::NotEmpty(left));
                }
                diesel::delete(teams::table.find(team)).execute(tx).await?;
                Ok(())
            }
            .scope_boxed()
        })
        .await
    }
}
