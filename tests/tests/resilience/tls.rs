//! Connections over TLS to a server whose certificate the test has issued.

use std::path::Path;
use std::time::{Duration, Instant};

use shortlease::{Db, Error, Postgres};
use shortlease_tests::authority::Authority;
use shortlease_tests::handlers::sleep;
use shortlease_tests::postgres::Server;
use shortlease_tests::wait;

/// The way to a server by one of its names.
fn url(server: &Server, host: &str, sslmode: &str, root: &Path) -> String {
    let port = server.address().port();
    format!(
        "postgres://postgres@{host}:{port}/postgres?sslmode={sslmode}&sslrootcert={}",
        root.display()
    )
}

#[tokio::test]
async fn a_certificate_of_the_authority_is_accepted_and_no_other() {
    let authority = Authority::new();
    let server = Server::builder().tls(&authority).start().await;
    let trusted = authority.certificate();
    let db = Db::<Postgres>::connect(url(&server, "localhost", "verify-full", &trusted)).await;
    let db = db.unwrap();
    let encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let encrypted = sqlx::query_scalar::<_, bool>(encrypted);
    assert!(db.session().fetch_one(encrypted).await.unwrap());
    // The connection that cancels others is one too.
    let mut session = db.session();
    let dropped = tokio::time::timeout(Duration::from_millis(200), sleep(&mut session, 600.0));
    assert!(dropped.await.is_err());
    wait::until("the recovery", async || {
        let status = db.status();
        status.recovering == 0 && status.idle == 1
    })
    .await;

    let another = Authority::new();
    let other = another.certificate();
    for (host, sslmode, root) in [
        ("localhost", "verify-full", &other),
        ("localhost", "verify-ca", &other),
        // The certificate has another name.
        ("127.0.0.1", "verify-full", &trusted),
    ] {
        let url = url(&server, host, sslmode, root);
        let builder = || Db::<Postgres>::builder(&url).acquire_timeout(wait::LIMIT);
        let began = Instant::now();
        for error in [
            builder().connect().await.unwrap_err(),
            sleep(&mut builder().connect_lazy().unwrap().session(), 0.0).await.unwrap_err(),
        ] {
            assert!(matches!(error, Error::Connect(_)), "{host} {sslmode}: {error:?}");
            let advice = "TLS failed; check `sslmode` (MySQL: `ssl-mode`) and the certificates";
            assert!(error.to_string().contains(advice), "{error}");
        }
        assert!(began.elapsed() < wait::LIMIT / 2);
    }
    Db::<Postgres>::connect(url(&server, "127.0.0.1", "verify-ca", &trusted)).await.unwrap();
}
