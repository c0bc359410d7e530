fn load_url<__Conn0: EitherConn<Sqlite>>(
    conn: &mut __Conn0,
    id: i64,
) -> ::shortlease::EitherCall<
    __Conn0,
    impl ::core::future::Future<Output = Result<String, sqlx::Error>>,
> {
    let on = ::shortlease::__private::PhantomData::<fn(&mut __Conn0)>;
    ::shortlease::__private::call_on::<
        __Conn0,
        _,
    >(
        on,
        async move {
            #[allow(clippy::shadow_same)]
            let conn = conn;
            #[allow(clippy::shadow_same)]
            let id = id;
            #[allow(clippy::all, unreachable_code)]
            if false {
                let ended: Result<String, sqlx::Error> = loop {};
                return ended;
            }
            {
                #[allow(unused_imports)]
                use ::shortlease::__private::{
                    InHelper as _, InLease as _, OpensLease as _,
                };
                check(&mut *conn).__in_helper::<__Conn0>().__on::<__Conn0>(on).await?;
                sqlx::query_scalar("SELECT url FROM tools WHERE id = $1")
                    .bind(id)
                    .__fetch_one_either(conn)
                    .__in_helper::<__Conn0>()
                    .__on::<__Conn0>(on)
                    .await
            }
        },
    )
}
