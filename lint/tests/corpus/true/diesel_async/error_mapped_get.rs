// A connection got through a chain of error conversions is held over a webhook.
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::deadpool::Pool};
use tonic::{Request, Response, Status};

use crate::schema::hooks;

pub struct Hooks {
    pool: Pool<AsyncPgConnection>,
    http: reqwest::Client,
}

impl Hooks {
    pub async fn test(&self, request: Request<TestHook>) -> Result<Response<TestResult>, Status> {
        let id = request.into_inner().id;
        let mut db = self
            .pool
            .get()
            .await
            .inspect_err(|error| tracing::error!(%error, "pool"))
            .map_err(|_| Status::unavailable("database"))?;
        let url: String = hooks::table
            .find(id)
            .select(hooks::url)
            .first(&mut db)
            .await
            .map_err(|_| Status::not_found("hook"))?;
        let result = self.http.post(url).body("{}").send().await; //~ SA001
        let status = result.map(|answer| i32::from(answer.status().as_u16())).unwrap_or(0);
        diesel::update(hooks::table.find(id))
            .set(hooks::last_status.eq(status))
            .execute(&mut db)
            .await
            .map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(TestResult { status }))
    }
}
