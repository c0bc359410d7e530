//! Leases are known by where they were opened: the handler's line, not one of ours.

use shortlease::{CallSite, Error, Session, Statement, handler};
use shortlease_tests::wait;

use super::Database;
use super::fixture::{Fixture, Gate};
use super::poll::poll_until;

/// Where the one open lease was opened.
fn only(fixture: &Fixture) -> CallSite {
    let leases = fixture.db.leases();
    assert_eq!(leases.len(), 1, "{leases:?}");
    leases[0].site
}

fn is_here(site: CallSite, line: u32) {
    assert_eq!((site.file(), site.line()), (file!(), line), "{site}");
}

#[handler]
#[tokio::test]
async fn leases_and_transactions_know_their_handler() {
    let fixture = Fixture::new().await;
    let mut db = fixture.db.session();
    let here = concat!(module_path!(), "::leases_and_transactions_know_their_handler");
    let site = db.lease(async |_conn| Ok(only(&fixture))).await.unwrap();
    is_here(site, line!() - 1);
    assert_eq!(site.function().as_deref(), Some(here));
    let site = db.transaction(async |_tx| Ok(only(&fixture))).await.unwrap();
    is_here(site, line!() - 1);
    assert_eq!(site.function().as_deref(), Some(here));
    let shown = format!("{here} ({}:{})", file!(), line!() - 3);
    assert_eq!(site.to_string(), shown);
}

/// Its row is where the lease was opened that it runs on.
fn looking(fixture: &Fixture) -> impl Statement<Database, CallSite> {
    sqlx::query("SELECT 1").map(|_| only(fixture))
}

#[handler]
#[tokio::test]
async fn bodies_of_one_statement_know_their_handler() {
    let fixture = Fixture::new().await;
    let mut db = fixture.db.session();
    let here = concat!(module_path!(), "::bodies_of_one_statement_know_their_handler");
    let site = db.lease(async |conn| looking(&fixture).fetch_one(conn).await).await.unwrap();
    is_here(site, line!() - 1);
    assert_eq!(site.function().as_deref(), Some(here));
    let sites = db.transaction(async |tx| looking(&fixture).fetch_all(tx).await).await.unwrap();
    is_here(sites[0], line!() - 1);
    assert_eq!(sites[0].function().as_deref(), Some(here));
    assert!(r#match(&mut db, &fixture).await.unwrap().function().unwrap().ends_with("::match"));
}

#[handler]
async fn r#match(db: &mut Session<Database>, fixture: &Fixture) -> Result<CallSite, Error> {
    db.lease(async |conn| looking(fixture).fetch_one(conn).await).await
}

struct Tools;

trait Looks {
    async fn look(
        &self,
        db: &mut Session<Database>,
        fixture: &Fixture,
    ) -> Result<[CallSite; 2], Error>;
}

impl Looks for Tools {
    #[handler]
    async fn look(
        &self,
        db: &mut Session<Database>,
        fixture: &Fixture,
    ) -> Result<[CallSite; 2], Error> {
        let block = db.lease(async |_conn| Ok(only(fixture))).await?;
        let one = db.lease(async |conn| looking(fixture).fetch_one(conn).await).await?;
        Ok([block, one])
    }
}

impl Tools {
    #[handler]
    async fn look_as<T>(
        db: &mut Session<Database>,
        fixture: &Fixture,
        _: T,
    ) -> Result<CallSite, Error> {
        let mut inner = async || db.lease(async |_conn| Ok(only(fixture))).await;
        inner().await
    }
}

/// Whatever they are generic over, and whichever way it is known.
#[tokio::test]
async fn methods_are_known_by_their_types() {
    let fixture = Fixture::new().await;
    let mut db = fixture.db.session();
    let place = format!("{}::Tools", module_path!());
    for site in Tools.look(&mut db, &fixture).await.unwrap() {
        assert_eq!(site.function(), Some(format!("{place}::look")));
    }
    let arrow: fn(&str) -> Vec<u8> = |_| Vec::new();
    let site = Tools::look_as(&mut db, &fixture, arrow).await.unwrap();
    assert_eq!(site.function(), Some(format!("{place}::look_as")));
    let again = Tools::look_as(&mut db, &fixture, 1).await.unwrap();
    assert_eq!(site, again);
    assert_eq!(site.function(), again.function());
}

#[tokio::test]
async fn one_statement_leases_know_their_caller() {
    let fixture = Fixture::new().await;
    let mut db = fixture.db.session();
    // Run while the lease is open.
    let statement = || sqlx::query("SELECT 1").map(|_| only(&fixture));
    is_here(db.fetch_one(statement()).await.unwrap(), line!());
    is_here(db.fetch_optional(statement()).await.unwrap().unwrap(), line!());
    is_here(db.fetch_all(statement()).await.unwrap()[0], line!());
    assert_eq!(db.fetch_one(statement()).await.unwrap().function(), None);

    let mut sites = Vec::new();
    wait::until("a look at a lease that executes", async || {
        let mut db = fixture.db.session();
        let execute = db.execute(sqlx::query("SELECT 1"));
        let looked = || {
            sites.extend(fixture.db.leases().into_iter().map(|holder| holder.site));
            !sites.is_empty()
        };
        // It may also be done before we look.
        poll_until(std::pin::pin!(execute), looked).await.is_none()
    })
    .await;
    is_here(sites[0], line!() - 9);
}

#[handler]
async fn hold(mut db: Session<Database>, gate: Gate) -> Result<(), Error> {
    db.lease(async |conn| {
        gate.enter();
        while !gate.is_open() {
            sqlx::query("SELECT 1").execute(conn).await?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn leases_are_listed_from_begin_to_end() {
    let fixture = Fixture::new().await;
    assert!(fixture.db.leases().is_empty());
    let gate = Gate::default();
    let mut lease = Box::pin(hold(fixture.db.session(), gate.clone()));
    assert!(poll_until(lease.as_mut(), || gate.entered()).await.is_none());
    let holder = fixture.db.leases().remove(0);
    assert_eq!(holder.site.function().as_deref(), Some(concat!(module_path!(), "::hold")));
    assert!(holder.in_query, "{holder}");
    wait::until("time to pass", async || fixture.db.leases()[0].age > holder.age).await;
    gate.open();
    lease.await.unwrap();
    assert!(fixture.db.leases().is_empty());
}

macro_rules! handlers {
    ($($name:ident),*) => {$(
        #[handler]
        async fn $name<T: Default>(fixture: &Fixture) -> Result<(CallSite, T), Error> {
            fixture.db.session().lease(async |_conn| Ok((only(fixture), T::default()))).await
        }
    )*};
}

handlers!(one, other);

/// Their lines are one, the macro's.
#[tokio::test]
async fn handlers_that_a_macro_writes_are_told_apart() {
    let fixture = Fixture::new().await;
    let (one, _) = one::<u8>(&fixture).await.unwrap();
    assert_eq!(one, self::one::<i64>(&fixture).await.unwrap().0);
    assert_ne!(one, other::<u8>(&fixture).await.unwrap().0);
}
