//! Tests of the test support itself, against the real things.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

use shortlease_tests::postgres::{self, Server};
use shortlease_tests::wait;
use sqlx::{Connection, PgConnection};

async fn number(connection: &mut PgConnection, query: &'static str) -> i64 {
    sqlx::query_scalar(query)
        .fetch_one(connection)
        .await
        .expect(query)
}

mod server {
    use super::*;

    #[tokio::test]
    async fn starts_with_the_settings_asked_for() {
        let server = Server::builder()
            .setting("max_connections", "20")
            .start()
            .await;
        let mut connection = PgConnection::connect(&server.url()).await.unwrap();
        let setting: String = sqlx::query_scalar("SHOW max_connections")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(setting, "20");
    }

    #[tokio::test]
    async fn databases_are_separate() {
        let server = Server::shared().await;
        let left = server.create_database("separate_left").await;
        let right = server.create_database("separate_right").await;
        let mut left = PgConnection::connect(&left).await.unwrap();
        let mut right = PgConnection::connect(&right).await.unwrap();
        sqlx::query("CREATE TABLE only_left ()")
            .execute(&mut left)
            .await
            .unwrap();
        let missing = sqlx::query("SELECT FROM only_left")
            .execute(&mut right)
            .await
            .unwrap_err();
        assert_eq!(
            missing.into_database_error().unwrap().code().unwrap(),
            "42P01"
        );
    }

    #[tokio::test]
    async fn a_wrong_password_is_refused() {
        let server = Server::shared().await;
        server.create_database("passwords").await;
        let connect = async |password| {
            PgConnection::connect(&server.url_for(postgres::USER, password, "passwords")).await
        };
        let refused = connect("wrong").await.unwrap_err();
        assert_eq!(
            refused.into_database_error().unwrap().code().unwrap(),
            "28P01"
        );
        let mut user = connect(postgres::PASSWORD).await.unwrap();
        sqlx::query("CREATE TABLE own ()")
            .execute(&mut user)
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn sessions_are_listed() {
        let server = Server::shared().await;
        let url = server.create_database("listed").await;
        assert!(server.sessions("listed").await.is_empty());
        let url = format!("{url}?application_name=one");
        let mut session = PgConnection::connect(&url).await.unwrap();
        sqlx::raw_sql("BEGIN").execute(&mut session).await.unwrap();
        let listed = server.sessions("listed").await;
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].application_name, "one");
        assert_eq!(listed[0].state.as_deref(), Some("idle in transaction"));
        assert_eq!(listed[0].query, "BEGIN");
        session.close().await.unwrap();
        wait::until("the session's end", async || {
            server.sessions("listed").await.is_empty()
        })
        .await;
    }

    #[tokio::test]
    async fn survives_a_kill_and_a_restart() {
        let mut server = Server::start().await;
        let url = server.create_database("survivor").await;
        let mut before = PgConnection::connect(&url).await.unwrap();
        sqlx::query("CREATE TABLE kept AS SELECT 1::int8 AS n")
            .execute(&mut before)
            .await
            .unwrap();

        server.kill_9().await;
        before.ping().await.unwrap_err();
        PgConnection::connect(&url).await.unwrap_err();

        server.restart().await;
        let mut after = PgConnection::connect(&url).await.unwrap();
        assert_eq!(number(&mut after, "SELECT n FROM kept").await, 1);

        server.stop().await;
        let told = after.ping().await.unwrap_err();
        assert_eq!(told.into_database_error().unwrap().code().unwrap(), "57P01");
    }

    /// Not a test of its own: run by the one below, in a process that is then killed.
    #[tokio::test]
    #[ignore = "waits to be killed"]
    async fn holder() {
        let server = Server::shared().await;
        println!("\nlistening on {}", server.address());
        std::future::pending().await
    }

    #[tokio::test]
    async fn ends_with_the_test_process() {
        let mut holder = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "server::holder", "--ignored", "--nocapture"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let address: SocketAddr = BufReader::new(holder.stdout.take().unwrap())
            .lines()
            .find_map(|line| line.unwrap().strip_prefix("listening on ")?.parse().ok())
            .expect("the holder's server");
        TcpStream::connect(address).unwrap();

        holder.kill().unwrap();
        holder.wait().unwrap();
        wait::until("the server's end", async || {
            TcpStream::connect(address).is_err()
        })
        .await;
    }
}
