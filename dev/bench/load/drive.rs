//! Load of a kind for a while: how many per second, and how long each took.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::frames;
use super::identity::Identity;
use super::link::Link;
use crate::machine;

/// When a load ends: with the first of both.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    /// After this long.
    pub(crate) within: Duration,
    /// After so many.
    pub(crate) at_most: usize,
}

/// What came of a load.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Things done per second, all connections together.
    pub(crate) per_second: f64,
    /// How long each took, milliseconds.
    pub(crate) took: Vec<f64>,
    /// What went wrong first; a load with a failure measures nothing.
    pub(crate) failure: Option<String>,
}

/// Runs the load generator on this thread.
pub(crate) fn on_one_thread<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
}

/// `links` connections that send `request` again as soon as it is answered.
pub(crate) fn requests(address: SocketAddr, links: usize, request: &str, bound: Bound) -> Pace {
    paced(address, links, request, Duration::ZERO, bound)
}

/// `links` connections that send `request`, and again so long after each answer.
pub(crate) fn paced(address: SocketAddr, links: usize, request: &str, pause: Duration, bound: Bound) -> Pace {
    let frame: Arc<[u8]> = frames::text(request).into();
    on_one_thread(async {
        let mut ready = Vec::new();
        for _ in 0..links {
            match Link::hello(address, Ipv4Addr::LOCALHOST, &Identity::Token).await {
                Ok(link) => ready.push(link),
                Err(failure) => return Pace { failure: Some(failure), ..Pace::default() },
            }
        }
        run(ready, bound, pause, async move |link: &mut Link| link.call(&frame).await.map(drop)).await
    })
}

/// Each of `clients` connects, completes the handshake, closes, and comes again.
pub(crate) fn handshakes(address: SocketAddr, clients: Vec<Identity>, bound: Bound) -> Pace {
    let connect =
        async move |who: &mut Identity| Link::hello(address, Ipv4Addr::LOCALHOST, who).await.map(drop);
    on_one_thread(run(clients, bound, Duration::ZERO, connect))
}

/// Repeats `once` for every one of `actors` at the same time, with a pause between two times.
pub(super) async fn run<A, F>(actors: Vec<A>, bound: Bound, pause: Duration, once: F) -> Pace
where
    F: AsyncFn(&mut A) -> Result<(), String>,
{
    let begin = Instant::now();
    let started = AtomicUsize::new(0);
    let took = Mutex::new(Vec::new());
    let failure = Mutex::new(None);
    let actions = actors.into_iter().map(async |mut actor| {
        while begin.elapsed() < bound.within && started.fetch_add(1, Ordering::Relaxed) < bound.at_most {
            let asked = Instant::now();
            if let Err(text) = once(&mut actor).await {
                lock(&failure).get_or_insert(text);
                return;
            }
            lock(&took).push(machine::ms(asked));
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
        }
    });
    futures_util::future::join_all(actions).await;
    let seconds = begin.elapsed().as_secs_f64();
    let took = took.into_inner().unwrap_or_else(PoisonError::into_inner);
    let failure = failure.into_inner().unwrap_or_else(PoisonError::into_inner);
    Pace { per_second: crate::stats::count(took.len()) / seconds, took, failure }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
