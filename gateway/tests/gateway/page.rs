//! The page, in a real browser and under load.

use std::path::PathBuf;

use serde_json::json;
use shortlease_tests::wait;

use crate::backend::Backend;
use crate::browser::Browser;
use crate::callers::Callers;
use crate::fixture::{ADMIN, Fixture};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_shows_the_pool_under_load() {
    let flags = ["--allow-private", "--pool", "4", "--rate-limit", "0"];
    let fixture = Fixture::new(&flags).await;
    let backend = Backend::start().await;
    fixture.upstream("good", &backend.url, &["answer"]).await;
    fixture.upstream("bad", &backend.url, &["break"]).await;
    let token = fixture.team("team", &["*"]).await;
    let callers =
        Callers::start(&fixture, &token, &["good__answer", "good__answer", "bad__break"], 6);
    let address = fixture.url(&format!("/#{}", ADMIN.replace(' ', "%20")));
    let mut page = Browser::open(&address, 1100, 1000, false).await;
    let text = "id => document.getElementById(id).textContent";
    wait::until("forty snapshots are drawn", async || {
        page.value("globalThis.snapshots >= 40").await == json!(true)
    })
    .await;
    assert_eq!(page.value("document.getElementById('state').textContent").await, "live");
    assert_eq!(page.value("document.getElementById('max').textContent").await, "4");
    let rate: f64 = page.value(&format!("+({text})('rate')")).await.as_f64().unwrap();
    assert!(rate > 1.0, "{rate} calls per second");
    let shown = page.value(&format!("({text})('outcomes')")).await;
    let shown = shown.as_str().unwrap();
    assert!(shown.contains("ok") && shown.contains("upstream_"), "{shown}");
    let hold = page.value(&format!("({text})('hold99')")).await;
    assert!(hold.as_str().unwrap().ends_with('s'), "{hold}");
    let drawn = page.value("document.querySelectorAll('.plots canvas').length").await;
    assert_eq!(drawn, 5);
    // Everything came from this program.
    let loaded = "performance.getEntriesByType('resource').map(r => r.name).join(' ')";
    let loaded = page.value(loaded).await;
    for url in loaded.as_str().unwrap().split(' ') {
        assert!(url.starts_with(&fixture.url("/")), "{url}");
    }
    save(&mut page, "gateway-light.png").await;
    drop(page);
    for (name, width, dark) in [("gateway-dark.png", 1100, true), ("gateway-phone.png", 390, true)]
    {
        let mut page = Browser::open(&address, width, 1000, dark).await;
        wait::until("ten snapshots are drawn", async || {
            page.value("globalThis.snapshots >= 10").await == json!(true)
        })
        .await;
        let overflow =
            "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(page.value(overflow).await, 0, "{name} is wider than its window");
        save(&mut page, name).await;
    }
    drop(callers);
}

#[tokio::test]
async fn without_a_token_it_asks_for_one() {
    let fixture = Fixture::new(&[]).await;
    let mut page = Browser::open(&fixture.url("/#wrong"), 800, 600, false).await;
    wait::until("the form is shown", async || {
        page.value("document.getElementById('login')?.hidden === false").await == json!(true)
    })
    .await;
    assert_eq!(page.value("document.getElementById('used').textContent").await, "-");
}

/// Leaves the picture to be looked at, in the directory that `SCREENSHOTS` names.
async fn save(page: &mut Browser, name: &str) {
    let picture = page.screenshot().await;
    assert!(picture.len() > 20_000, "{name} has {} characters", picture.len());
    if let Some(directory) = std::env::var_os("SCREENSHOTS") {
        let path = PathBuf::from(directory).join(name);
        std::fs::write(path.with_extension("png.base64"), picture).expect("a directory");
    }
}
