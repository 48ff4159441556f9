//! All questions at once.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::{answer, config, instance, limits, port, service, state};
use crate::doctor::examine::Scene;
use crate::doctor::facts::{Answer, ConfigFacts, Facts, InstanceFacts, PortFacts};
use crate::doctor::finding::Check;
use crate::platform::exec::Cancel;
use crate::platform::tailscale::{Status, Tailscale, TailscaleError};
use crate::platform::{clock, surroundings};
use crate::profile::{ResolvedProfile, vars};
use crate::settings::TailscaleMode;

/// How long a command that was cut off gets to end.
const AFTERMATH: Duration = Duration::from_millis(200);

/// Gathers everything that is known within the time limit.
pub(in crate::doctor) fn gather<'a>(scene: &Scene<'a>) -> io::Result<Facts<'a>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let facts = runtime.block_on(ask(scene));
    // What hangs, on a network's disk for one, does not delay the end.
    runtime.shutdown_background();
    Ok(facts)
}

async fn ask<'a>(scene: &Scene<'a>) -> Facts<'a> {
    let paths = &scene.profile.paths;
    let until = Instant::now() + scene.limit;
    let profile = Arc::new(scene.profile.clone());
    let mut late = Vec::new();

    let state = blocking(until, with(&profile, |profile| state::look(&profile.paths)));
    let limits = blocking(until, with(&profile, |profile| limits::look(&profile.paths.state_dir)));
    let rest = async {
        let config = blocking(until, with(&profile, config::read)).await.map(Arc::new);
        let (read, known) = (scene.read_state, config.clone());
        let files = blocking(
            until,
            with(&profile, move |profile| {
                let config = known.as_ref().map(|known| known.config.clone()).unwrap_or_default();
                read(&profile.paths, &config)
            }),
        );
        let (moment, known) = (until.into_std(), config.clone());
        let service = blocking(
            until + AFTERMATH,
            with(&profile, move |profile| {
                let settings = known.as_ref().and_then(|known| known.settings.as_ref());
                service::look(settings, profile, moment)
            }),
        );
        let gateway = gateway(&profile, config.clone(), until);
        let tailscale = tailscale(config.as_deref(), scene, until);
        let (files, service, gateway, tailscale) = tokio::join!(files, service, gateway, tailscale);
        (config, files, service, gateway, tailscale)
    };
    let (state, limits, (config, files, service, (instance, port, answer), tailscale)) =
        tokio::join!(state, limits, rest);
    let mut expect = |check: Check, is_there: bool| late.extend((!is_there).then_some(check));
    expect(Check::Config, config.is_some());
    expect(Check::StateDirectory, state.is_some());
    expect(Check::StateFiles, files.is_some());
    expect(Check::Limits, limits.is_some());
    expect(Check::Service, service.is_some());
    expect(Check::Instance, instance.is_some());
    Facts {
        paths,
        now_ms: clock::unix_ms(),
        user: surroundings::user_id(),
        late,
        config,
        state,
        files,
        limits,
        service: service.flatten(),
        instance,
        port,
        tailscale,
        answer,
    }
}

/// Work on the profile, for another thread.
fn with<T, W: FnOnce(&ResolvedProfile) -> T>(
    profile: &Arc<ResolvedProfile>,
    work: W,
) -> impl FnOnce() -> T + use<T, W> {
    let profile = Arc::clone(profile);
    move || work(&profile)
}

/// Who runs, who holds the port, and what the gateway says.
async fn gateway(
    profile: &Arc<ResolvedProfile>,
    config: Option<Arc<ConfigFacts>>,
    until: Instant,
) -> (Option<InstanceFacts>, Option<PortFacts>, Option<Answer>) {
    let known = config.clone();
    let look = move |profile: &ResolvedProfile| {
        (instance::look(&profile.paths), port::look(known.as_deref(), profile))
    };
    let Some(((instance, running), port)) = blocking(until, with(profile, look)).await else {
        return (None, None, None);
    };
    let answer = answer::ask(running.as_ref(), config.as_deref(), profile, until).await;
    (Some(instance), Some(port), answer)
}

/// Something that may wait for a disk; `None` when it takes too long.
async fn blocking<T: Send + 'static>(until: Instant, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    timeout_at(until, tokio::task::spawn_blocking(work)).await.ok()?.ok()
}

/// This machine's place in the tailnet, when that matters.
async fn tailscale(
    config: Option<&ConfigFacts>,
    scene: &Scene<'_>,
    until: Instant,
) -> Option<Result<Status, TailscaleError>> {
    let settings = config?.settings.as_ref()?;
    if settings.tailscale.mode == TailscaleMode::Off {
        return None;
    }
    let path = scene.profile.env.get(vars::PATH).map(str::to_owned);
    let cancel = Cancel::default();
    let asked = cancel.clone();
    let mut work = tokio::task::spawn_blocking(move || Tailscale::find(path.as_deref(), &asked)?.status());
    let Ok(answer) = timeout_at(until, &mut work).await else {
        cancel.cancel();
        // The answer is that it was cut off; that it has ended is worth a moment.
        return tokio::time::timeout(AFTERMATH, work).await.ok()?.ok();
    };
    answer.ok()
}
