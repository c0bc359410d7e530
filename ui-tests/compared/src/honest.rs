//! Held while the database works, and not longer.

use std::pin::Pin;

use crate::{Answer, Context, Pool, PoolConnection, Step, execute, remote, spawn, wait_for};

pub async fn plain_await(pool: &Pool) -> Answer {
    let mut conn = pool.acquire().await?;
    execute(&mut conn, "DELETE FROM calls").await
}

pub async fn helper_function(conn: &mut PoolConnection) -> Answer {
    execute(conn, "DELETE FROM calls").await?;
    execute(conn, "DELETE FROM tools").await
}

pub async fn generic_callee<F>(pool: &Pool, body: F) -> Answer
where
    F: AsyncFnOnce(&mut PoolConnection) -> Answer,
{
    let mut conn = pool.acquire().await?;
    body(&mut conn).await
}

pub async fn generic_caller(pool: &Pool) -> Answer {
    generic_callee(pool, async |conn| {
        execute(conn, "DELETE FROM calls").await?;
        execute(conn, "DELETE FROM tools").await
    })
    .await
}

pub struct Quick;

impl Step for Quick {
    fn run<'a>(
        &'a self,
        conn: &'a mut PoolConnection,
    ) -> Pin<Box<dyn Future<Output = Answer> + 'a>> {
        Box::pin(async move {
            execute(conn, "DELETE FROM calls").await?;
            execute(conn, "DELETE FROM tools").await
        })
    }
}

pub async fn dyn_callee(pool: &Pool, step: &dyn Step) -> Answer {
    let mut conn = pool.acquire().await?;
    step.run(&mut conn).await
}

pub async fn macro_hidden_await(pool: &Pool) -> Answer {
    let mut conn = pool.acquire().await?;
    wait_for!(execute(&mut conn, "DELETE FROM calls"))
}

pub async fn joined(pool: &Pool) -> Answer {
    let mut conn = pool.acquire().await?;
    execute(&mut conn, "DELETE FROM calls").await
}

pub async fn stored_future(pool: &Pool) -> Answer {
    async {
        let mut conn = pool.acquire().await?;
        execute(&mut conn, "DELETE FROM calls").await
    }
    .await?;
    remote().await;
    Ok(())
}

pub async fn spawned(pool: &Pool) -> Answer {
    let mut conn = pool.acquire().await?;
    spawn(async move {
        let deleted = execute(&mut conn, "DELETE FROM calls").await;
        drop((conn, deleted));
    });
    Ok(())
}

pub async fn in_a_field(pool: &Pool) -> Answer {
    let mut context = Context { conn: pool.acquire().await? };
    execute(&mut context.conn, "DELETE FROM calls").await
}

pub async fn blocking(pool: &Pool) -> Answer {
    let mut conn = pool.acquire().await?;
    execute(&mut conn, "DELETE FROM calls").await
}

pub async fn session_state(pool: &Pool) -> Answer {
    let mut conn = pool.acquire().await?;
    execute(&mut conn, "SET LOCAL search_path = acme").await
}

pub async fn released_by_drop(pool: &Pool) -> Answer {
    let conn = pool.acquire().await?;
    drop(conn);
    remote().await;
    Ok(())
}

pub async fn released_by_block(pool: &Pool) -> Answer {
    {
        let _conn = pool.acquire().await?;
    }
    remote().await;
    Ok(())
}
