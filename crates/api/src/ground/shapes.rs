//! The three shapes of an operation: reading, creating and changing. Their common parts are here, so that a handler has
//! only its own.

use almoner_persistence::OnRecord;
use almoner_persistence::idempotency::{IdempotentOutcome, Made};
use uuid::Uuid;

use crate::ground::body::Body;
use crate::ground::caller::{Caller, ScopeOf};
use crate::ground::etag::IfMatch;
use crate::ground::idempotency_key::IdempotencyKey;
use crate::ground::no_record;
use crate::ground::permission::Permission;
use crate::ground::problem::ApiError;
use crate::ground::reply::{Created, NoContent, Reply, Representation};

impl<P: Permission> Caller<P> {
    /// Answers with the resource that `f` finds.
    pub(crate) async fn read<T: Representation, E: Into<ApiError>>(
        self,
        find: impl for<'a, 's> FnOnce(&'a mut ScopeOf<'s, P>) -> Result<OnRecord<T>, E> + Send + 'static,
    ) -> Result<Reply<T>, ApiError> {
        self.scope(move |scope| Reply::ok(&find(scope).map_err(Into::into)?)).await
    }

    /// Does work that has no result to show.
    pub(crate) async fn act<E: Into<ApiError>>(
        self,
        act: impl for<'a, 's> FnOnce(&'a mut ScopeOf<'s, P>) -> Result<(), E> + Send + 'static,
    ) -> Result<NoContent, ApiError> {
        self.scope(move |scope| act(scope).map(|()| NoContent).map_err(Into::into)).await
    }

    /// Creates a resource from the content, once for each idempotency key, and answers with it as it is found
    /// afterwards, and its address.
    pub(crate) async fn create<B, T, M, E, F>(
        self,
        key: IdempotencyKey,
        body: Body<B>,
        make: impl for<'a, 's> FnOnce(&'a mut ScopeOf<'s, P>, &B) -> Result<M, E> + Send + 'static,
        find: impl for<'a, 's> FnOnce(&'a mut ScopeOf<'s, P>, &IdempotentOutcome) -> Result<OnRecord<T>, F> + Send + 'static,
        location: impl FnOnce(&T) -> String + Send + 'static,
    ) -> Result<Created<T>, ApiError>
    where
        B: Send + 'static,
        T: Representation,
        M: Into<Made>,
        E: Into<ApiError>,
        F: Into<ApiError>,
    {
        self.scope(move |scope| {
            let done = key.run(scope, &body, make)?;
            let found = find(scope, &done).map_err(Into::into)?;
            Ok(Created::at(location(&found), &found)?.replayed_if(&done))
        })
        .await
    }

    /// Creates a record like [`Self::create`]. The answer shows what was made. A repeated request made nothing: `read`
    /// reads the record with this identifier anew, which leaves an event.
    pub(crate) async fn create_record<B, T, E, F>(
        self,
        key: IdempotencyKey,
        body: Body<B>,
        make: impl for<'a, 's> FnOnce(&'a mut ScopeOf<'s, P>, &B) -> Result<(Uuid, T), E> + Send + 'static,
        read: impl for<'a, 's> FnOnce(&'a mut ScopeOf<'s, P>, Uuid) -> Result<OnRecord<T>, F> + Send + 'static,
        location: impl FnOnce(&T) -> String + Send + 'static,
    ) -> Result<Created<T>, ApiError>
    where
        B: Send + 'static,
        T: Representation,
        E: Into<ApiError>,
        F: Into<ApiError>,
    {
        self.scope(move |scope| {
            let mut created = None;
            let done = key.run(scope, &body, |scope, content| {
                let (id, record) = make(scope, content)?;
                created = Some(record);
                Ok::<_, E>(id)
            })?;
            let shown = match created {
                Some(record) => no_record::made(record),
                None => read(scope, done.id()).map_err(Into::into)?,
            };
            Ok(Created::at(location(&shown), &shown)?.replayed_if(&done))
        })
        .await
    }

    /// Creates a resource like [`Self::create`], for a request without content.
    pub(crate) async fn create_bare<T, M, E, F>(
        self,
        key: IdempotencyKey,
        make: impl for<'a, 's> FnOnce(&'a mut ScopeOf<'s, P>) -> Result<M, E> + Send + 'static,
        find: impl for<'a, 's> FnOnce(&'a mut ScopeOf<'s, P>, &IdempotentOutcome) -> Result<OnRecord<T>, F> + Send + 'static,
        location: impl FnOnce(&T) -> String + Send + 'static,
    ) -> Result<Created<T>, ApiError>
    where
        T: Representation,
        M: Into<Made>,
        E: Into<ApiError>,
        F: Into<ApiError>,
    {
        self.scope(move |scope| {
            let done = key.run_bare(scope, make)?;
            let found = find(scope, &done).map_err(Into::into)?;
            Ok(Created::at(location(&found), &found)?.replayed_if(&done))
        })
        .await
    }

    /// Changes the version that the caller has seen, and answers with the new one. Answers 412 if the resource has
    /// another version by now.
    pub(crate) async fn change<T, E, F>(
        self,
        if_match: IfMatch,
        find: impl for<'a, 's> Fn(&'a mut ScopeOf<'s, P>) -> Result<T, E> + Send + 'static,
        act: impl for<'a, 's> FnOnce(&'a mut ScopeOf<'s, P>, &T) -> Result<(), F> + Send + 'static,
    ) -> Result<Reply<T>, ApiError>
    where
        T: Representation,
        E: Into<ApiError>,
        F: Into<ApiError>,
    {
        self.scope(move |scope| {
            let seen = find(scope).map_err(Into::into)?;
            if_match.check_of(&seen)?;
            act(scope, &seen).map_err(Into::into)?;
            Reply::ok(&no_record::changed(find(scope).map_err(Into::into)?))
        })
        .await
    }

    /// Changes a resource like [`Self::change`], and answers with more than was changed.
    pub(crate) async fn change_and_show<S, T, E, F, G>(
        self,
        if_match: IfMatch,
        find: impl for<'a, 's> FnOnce(&'a mut ScopeOf<'s, P>) -> Result<S, E> + Send + 'static,
        act: impl for<'a, 's> FnOnce(&'a mut ScopeOf<'s, P>, &S) -> Result<(), F> + Send + 'static,
        show: impl for<'a, 's> FnOnce(&'a mut ScopeOf<'s, P>) -> Result<OnRecord<T>, G> + Send + 'static,
    ) -> Result<Reply<T>, ApiError>
    where
        S: Representation,
        T: Representation,
        E: Into<ApiError>,
        F: Into<ApiError>,
        G: Into<ApiError>,
    {
        self.scope(move |scope| {
            let seen = find(scope).map_err(Into::into)?;
            if_match.check_of(&seen)?;
            act(scope, &seen).map_err(Into::into)?;
            Reply::ok(&show(scope).map_err(Into::into)?)
        })
        .await
    }
}
