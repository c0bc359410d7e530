//! Held for too long.

use std::pin::{Pin, pin};
use std::time::Duration;

use crate::{Answer, Context, Pool, PoolConnection, Step, execute, join, remote, spawn, wait_for};

pub async fn plain_await(pool: &Pool) -> Answer {
    let mut conn = pool.acquire().await?;
    execute(&mut conn, "DELETE FROM calls").await?;
    remote().await;
    Ok(())
}

pub async fn helper_function(conn: &mut PoolConnection) -> Answer {
    execute(conn, "DELETE FROM calls").await?;
    remote().await;
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
        remote().await;
        execute(conn, "DELETE FROM tools").await
    })
    .await
}

pub struct Slow;

impl Step for Slow {
    fn run<'a>(
        &'a self,
        conn: &'a mut PoolConnection,
    ) -> Pin<Box<dyn Future<Output = Answer> + 'a>> {
        Box::pin(async move {
            execute(conn, "DELETE FROM calls").await?;
            remote().await;
            execute(conn, "DELETE FROM tools").await
        })
    }
}

pub async fn dyn_callee(pool: &Pool, step: &dyn Step) -> Answer {
    let mut conn = pool.acquire().await?;
    step.run(&mut conn).await
}

pub async fn macro_hidden_await(pool: &Pool) -> Answer {
    let _conn = pool.acquire().await?;
    wait_for!(remote());
    Ok(())
}

pub async fn joined(pool: &Pool) -> Answer {
    let mut conn = pool.acquire().await?;
    let (deleted, ()) = join(execute(&mut conn, "DELETE FROM calls"), remote()).await;
    deleted
}

pub async fn stored_future(pool: &Pool) -> Answer {
    let mut lease = pin!(async {
        let mut conn = pool.acquire().await?;
        execute(&mut conn, "DELETE FROM calls").await
    });
    std::future::poll_fn(|cx| lease.as_mut().poll(cx).map(drop)).await;
    remote().await;
    Ok(())
}

pub async fn spawned(pool: &Pool) -> Answer {
    let mut conn = pool.acquire().await?;
    spawn(async move {
        let deleted = execute(&mut conn, "DELETE FROM calls").await;
        remote().await;
        drop((conn, deleted));
    });
    Ok(())
}

pub async fn in_a_field(pool: &Pool) -> Answer {
    let mut context = Context { conn: pool.acquire().await? };
    execute(&mut context.conn, "DELETE FROM calls").await?;
    remote().await;
    Ok(())
}

pub async fn blocking(pool: &Pool) -> Answer {
    let mut conn = pool.acquire().await?;
    execute(&mut conn, "DELETE FROM calls").await?;
    std::thread::sleep(Duration::from_secs(30));
    Ok(())
}

pub async fn session_state(pool: &Pool) -> Answer {
    let mut conn = pool.acquire().await?;
    execute(&mut conn, "SET search_path = acme").await
}
