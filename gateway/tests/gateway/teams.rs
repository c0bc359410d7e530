//! Teams see and call what is theirs.

use gateway::database::Database;
use gateway::prune::prune;
use gateway::secret::Token;
use reqwest::Method;
use serde_json::json;

use crate::backend::Backend;
use crate::fixture::{ADMIN, Fixture};
use crate::mcp_client::{client, request};

/// Everything that a team's token opens.
const LISTS: [&str; 6] =
    ["/v1/tools", "/v1/upstreams", "/v1/tokens", "/v1/grants", "/v1/calls", "/v1/audit"];

#[tokio::test]
async fn no_list_and_no_tool_shows_another_teams_data() {
    let fixture = Fixture::new(&["--allow-private"]).await;
    let backend = Backend::start().await;
    fixture.upstream("secret", &backend.url, &["answer"]).await;
    fixture.upstream("public", &backend.url, &["answer"]).await;
    let owner = fixture.team("owner", &["secret__*", "public__*"]).await;
    let other = fixture.team("other", &["public__answer"]).await;
    fixture.call(&owner, "secret__answer", json!({})).await.good();
    let owners_token_id = owner.split('_').nth(1).unwrap();
    for list in LISTS {
        let theirs = fixture.get(&owner, list).await.good().to_string();
        assert!(theirs.contains("secret") || theirs.contains(owners_token_id), "{list}: {theirs}");
        for query in ["", "?before=zzzz", "?team=owner", "?before=%27%20OR%201%3D1--"] {
            let seen = fixture.get(&other, &format!("{list}{query}")).await.good().to_string();
            for word in ["secret", "owner", owners_token_id] {
                assert!(!seen.contains(word), "{list}{query} shows {word}: {seen}");
            }
        }
    }
    let before = backend.calls();
    for tool in [
        "secret__answer", "secret__other", "nowhere__answer", "secret__answer%2Fcall",
        "public__other",
    ] {
        let refused = fixture.call(&other, tool, json!({})).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (404, "no_such_tool"), "{tool}");
    }
    // By MCP as by plain HTTP.
    let client = client(&fixture, &other).await;
    let listed = client.list_all_tools().await.unwrap();
    let names: Vec<_> = listed.iter().map(|tool| tool.name.as_ref()).collect();
    assert_eq!(names, ["public__answer"]);
    for tool in ["secret__answer", "secret__other", "nowhere__answer", "public__other"] {
        let refused = client.call_tool(request(tool, json!({}))).await.unwrap();
        assert_eq!(refused.is_error, Some(true), "{tool}");
        assert_eq!(refused.structured_content.unwrap()["code"], "no_such_tool", "{tool}");
    }
    assert_eq!(backend.calls(), before);
    fixture.call(&other, "public__answer", json!({})).await.good();
}

#[tokio::test]
async fn a_token_opens_nothing_once_it_is_removed_or_its_team_is() {
    let fixture = Fixture::new(&["--allow-private"]).await;
    let (one, two) = (fixture.team("one", &["*"]).await, fixture.team("two", &["*"]).await);
    let works = async |token: &str| fixture.get(token, "/v1/grants").await.status.as_u16();
    assert_eq!((works(&one).await, works(&two).await), (200, 200));
    let id = one.split('_').nth(1).unwrap();
    fixture.admin(Method::DELETE, &format!("tokens/{id}"), json!(null)).await.good();
    assert_eq!((works(&one).await, works(&two).await), (401, 200));
    fixture.admin(Method::DELETE, "teams/two", json!(null)).await.good();
    assert_eq!(works(&two).await, 401);
}

#[tokio::test]
async fn the_operator_reads_the_audit_trail_of_all() {
    let fixture = Fixture::new(&["--allow-private"]).await;
    fixture.upstream("tools", "http://127.0.0.1:1", &["answer"]).await;
    fixture.admin(Method::PUT, "teams/one", json!(null)).await.good();
    fixture.admin(Method::PUT, "teams/two", json!(null)).await.good();
    fixture.admin(Method::DELETE, "teams/one", json!(null)).await.good();
    fixture.admin(Method::DELETE, "upstreams/tools", json!(null)).await.good();
    let read = async |query: &str| {
        let page = fixture.get(ADMIN, &format!("/v1/admin/audit{query}")).await.good();
        page["audit"].as_array().unwrap().clone()
    };
    let all = read("").await;
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut seen: Vec<_> = all.iter().map(|of| (text(&of["team"]), text(&of["action"]))).collect();
    // Entries of one millisecond have no order.
    seen.sort();
    let expected = [
        ("", "upstream.put"),
        ("", "upstream.remove"),
        ("one", "team.add"),
        ("one", "team.remove"),
        ("two", "team.add"),
    ];
    assert_eq!(seen, expected.map(|(team, action)| (team.to_owned(), action.to_owned())));
    let older = read(&format!("?before={}", all[2]["id"].as_str().unwrap())).await;
    assert_eq!(older, all[3..]);
}

#[tokio::test]
async fn a_new_team_reads_nothing_of_a_removed_one_on_sqlite() {
    a_new_team_reads_nothing_of_a_removed_one(Fixture::new(&[]).await).await;
}

#[tokio::test]
async fn a_new_team_reads_nothing_of_a_removed_one_on_postgres() {
    let fixture = Fixture::on_postgres("gateway_names", &[]).await;
    a_new_team_reads_nothing_of_a_removed_one(fixture).await;
}

async fn a_new_team_reads_nothing_of_a_removed_one<DB: Database>(fixture: Fixture<DB>) {
    let put = async || fixture.admin(Method::PUT, "teams/team", json!(null)).await;
    put().await.good();
    // The team is there, so nothing is taken.
    put().await.good();
    fixture.admin(Method::DELETE, "teams/team", json!(null)).await.good();
    let refused = put().await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "name_taken"));
    let tokens = fixture.admin(Method::POST, "teams/team/tokens", json!({})).await;
    assert_eq!(tokens.code(), "not_found");
    // Once its rows are removed, the name is free.
    let mut db = fixture.gateway.app.db.session();
    prune(&mut db, gateway::ids::now_ms() + 1000).await.unwrap();
    put().await.good();
}

#[tokio::test]
async fn logins_go_with_their_token_on_sqlite() {
    logins_go_with_their_token(Fixture::new(&[]).await).await;
}

#[tokio::test]
async fn logins_go_with_their_token_on_postgres() {
    logins_go_with_their_token(Fixture::on_postgres("gateway_logins", &[]).await).await;
}

async fn logins_go_with_their_token<DB: Database>(fixture: Fixture<DB>) {
    let token = fixture.team("team", &["*"]).await;
    let login = async |token: &str| {
        let login = fixture.post(token, "/v1/login", json!(null)).await.good();
        login["token"].as_str().unwrap().to_owned()
    };
    let first = login(&token).await;
    let second = login(&first).await;
    let audit = fixture.get(&second, "/v1/audit").await.good();
    let entries = audit["audit"].as_array().unwrap().iter();
    let logins: Vec<_> = entries.filter(|entry| entry["action"] == "login").collect();
    assert_eq!(logins.len(), 2, "{audit}");
    for token in [&token, &first] {
        assert!(logins.iter().any(|login| login["actor"] == id_of(token)), "{audit}");
    }
    fixture.admin(Method::DELETE, &format!("tokens/{}", id_of(&token)), json!(null)).await.good();
    for login in [&first, &second] {
        assert_eq!(fixture.get(login, "/v1/grants").await.code(), "unauthenticated");
    }
}

#[tokio::test]
async fn tokens_that_are_not_on_the_first_page_are_listed_on_sqlite() {
    tokens_that_are_not_on_the_first_page_are_listed(Fixture::new(&[]).await).await;
}

#[tokio::test]
async fn tokens_that_are_not_on_the_first_page_are_listed_on_postgres() {
    let fixture = Fixture::on_postgres("gateway_tokens", &[]).await;
    tokens_that_are_not_on_the_first_page_are_listed(fixture).await;
}

async fn tokens_that_are_not_on_the_first_page_are_listed<DB: Database>(fixture: Fixture<DB>) {
    let lasting = fixture.team("team", &["*"]).await;
    for _ in 0..100 {
        fixture.post(&lasting, "/v1/login", json!(null)).await.good();
    }
    let page = async |query: &str| {
        let page = fixture.get(&lasting, &format!("/v1/tokens{query}")).await.good();
        let tokens = page["tokens"].as_array().unwrap().iter();
        tokens.map(|token| token["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = page("").await;
    assert_eq!(first.len(), 100);
    // Also if the last of the first page is removed meanwhile.
    let last = &first[99];
    fixture.admin(Method::DELETE, &format!("tokens/{last}"), json!(null)).await.good();
    assert_eq!(page(&format!("?before={last}")).await, [id_of(&lasting)]);
}

fn id_of(token: &str) -> &str {
    token.split('_').nth(1).unwrap()
}

#[tokio::test]
async fn only_the_whole_token_opens() {
    let fixture = Fixture::new(&[]).await;
    let token = fixture.team("team", &["*"]).await;
    let mut wrong = token.clone();
    let last = wrong.pop().unwrap();
    wrong.push(if last == '0' { '1' } else { '0' });
    for wrong in [wrong.as_str(), "", "x", &token[..token.len() - 1], &format!("{token}0")] {
        assert_eq!(fixture.get(wrong, "/v1/grants").await.code(), "unauthenticated", "{wrong}");
    }
    for header in [token.clone(), format!("Basic {token}"), "Bearer".into()] {
        let request = reqwest::Client::new().get(fixture.url("/v1/grants"));
        let request = request.header("authorization", header);
        let answer = Fixture::<shortlease::Sqlite>::send(request).await;
        assert_eq!(answer.code(), "unauthenticated");
    }
}

#[tokio::test]
async fn wrong_tokens_keep_no_good_one_waiting() {
    let fixture = Fixture::new(&["--pool", "1", "--acquire-timeout", "0.2"]).await;
    let (known, new) = (fixture.team("one", &["*"]).await, fixture.team("two", &["*"]).await);
    fixture.get(&known, "/v1/grants").await.good();
    // Somebody's wrong token is looked up, and takes its time.
    let app = fixture.gateway.app.clone();
    let turn = app.lookups.turn(&Token::generate()).await.unwrap();
    let wrong = Token::generate().reveal();
    for token in [&new, &wrong] {
        let refused = fixture.get(token, "/v1/grants").await;
        assert_eq!((refused.status.as_u16(), refused.code()), (429, "too_many_tokens"));
        assert!(refused.body["retry_after_ms"].is_u64(), "{refused:?}");
    }
    fixture.get(&known, "/v1/grants").await.good();
    drop(turn);
    fixture.get(&new, "/v1/grants").await.good();
    assert_eq!(fixture.get(&wrong, "/v1/grants").await.code(), "unauthenticated");
}

#[tokio::test]
async fn a_login_is_not_valid_for_longer_than_its_token() {
    let fixture = Fixture::new(&[]).await;
    fixture.admin(Method::PUT, "teams/team", json!(null)).await.good();
    let short = json!({ "expires_in_s": 100 });
    let short = fixture.admin(Method::POST, "teams/team/tokens", short).await.good();
    let login =
        fixture.post(short["token"].as_str().unwrap(), "/v1/login", json!(null)).await.good();
    let left = login["expires_at"].as_i64().unwrap() - gateway::ids::now_ms();
    assert!(left <= 100_000, "{left}");
    let over = json!({ "expires_in_s": 0 });
    let over = fixture.admin(Method::POST, "teams/team/tokens", over).await.good();
    let over = fixture.get(over["token"].as_str().unwrap(), "/v1/grants").await;
    assert_eq!(over.code(), "unauthenticated");
}
