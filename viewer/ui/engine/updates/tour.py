"""Updates of the guided tour: each step sets the window up, and what was there before comes back at the end."""

from __future__ import annotations

from dataclasses import replace

from viewer.matching.limits import rate_limit_note
from viewer.matching.targets.quality import QualityMeasure
from viewer.session.pane_layout import ORIGINAL, Show
from viewer.session.state import FIT, View
from viewer.session.tour import TOUR_BPP, Tour, TourStep, sweep_rates
from viewer.session.viewport import region_view
from viewer.ui.common.slider_scale import rounded_bpp
from viewer.ui.engine.app_state import DIFFER, AppState, BeforeTour
from viewer.ui.engine.store import update
from viewer.ui.engine.updates.compared import without_pins
from viewer.ui.engine.updates.messages import gone_on, show_error
from viewer.ui.engine.updates.target import quality_shown, set_quality, set_target
from viewer.ui.engine.updates.view import arrange, set_pane_layout, set_switch, set_view, show_panel

ABOVE_FLOOR = 1.02
"""A codec that cannot go down to the tour's rate raises it to its floor, times this."""


@update
def start_tour(state: AppState) -> AppState:
    """Begin at the first step, with the pair of codecs that the BD-rate is about."""
    if state.opened is None:
        return show_error("Open a picture first: the tour needs one.")(state)
    codec, anchor = state.bd_pair
    if codec == anchor:
        return show_error("The tour compares two codecs: switch another one on in the menu Codecs.")(state)
    before = BeforeTour(state.session, state.switches, state.panel, state.locked)
    state = show_panel("")(without_pins(gone_on(state)))
    state = set_switch("presenting", True)(set_switch("blinking", False)(state))
    state = replace(state, tour=Tour(codec, anchor, TOUR_BPP), before_tour=before, locked={})
    return _at(state, TourStep.SIZE)


@update
def end_tour(state: AppState) -> AppState:
    """Leave the tour, with everything as it was before."""
    before = state.before_tour
    if state.tour is None or before is None:
        return state
    session, then = state.session, before.session
    same = then.image is not None and session.image is not None and then.image.digest == session.image.digest
    session = replace(
        session,
        target_bpp=then.target_bpp,
        quality=then.quality,
        pane_layout=replace(then.pane_layout, peeking=False).among((ORIGINAL, *state.compared)),
        view=then.view if same else FIT,
    )
    return replace(
        gone_on(state),
        tour=None,
        before_tour=None,
        session=session,
        switches=before.switches,
        panel=before.panel,
        locked=before.locked,
        region_index=None,
    )


@update
def move_tour(state: AppState, by: int) -> AppState:
    """Go this many steps further; beyond the last one the tour ends. The blind trial is begun before it is left."""
    if state.tour is None:
        return state
    if by > 0 and state.tour.awaits_start:
        return replace(state, tour=replace(state.tour, begun=True))
    step = state.tour.step.moved(by)
    return end_tour()(state) if step is None else _at(state, step)


@update
def tour_arrived(state: AppState) -> AppState:
    """What the present step does once every pane is at the target. Changes nothing when that has been done."""
    tour = state.tour
    if tour is None or state.awaited or state.opened is None:
        return state
    if tour.step is TourStep.SIZE:
        return _above_floors(state, tour)
    if tour.step is TourStep.REGION:
        return _framed(state, tour)
    if tour.step is TourStep.SWEEP:
        return _seen(state, tour)
    if tour.step is TourStep.QUALITY and state.session.quality is None:
        return _equal(state, tour)
    return state


@update
def sweep_on(state: AppState, swept: int) -> AppState:
    """The next rate of the sweep, if it is still at this one; it stays at the last."""
    tour = state.tour
    if tour is None or tour.step is not TourStep.SWEEP or tour.swept != swept:
        return state
    rates = sweep_rates(tour.bpp)
    if swept + 1 >= len(rates):
        return state
    state = set_target(rounded_bpp(rates[swept + 1]))(state)
    return replace(state, tour=replace(tour, swept=swept + 1))


@update
def trial_answered(state: AppState, chosen: str, problem: str = "") -> AppState:
    """What was chosen in the blind trial, or why there was none."""
    if state.tour is None or state.tour.step is not TourStep.BLIND:
        return state
    return replace(state, tour=replace(state.tour, chosen=chosen, problem=problem))


def _at(state: AppState, step: TourStep) -> AppState:
    assert state.tour is not None
    tour = replace(state.tour, step=step, swept=0, seen=None, limit=("", ""), begun=False, chosen=None, problem="")
    state = replace(state, tour=tour)
    state = set_target(tour.bpp)(set_pane_layout(replace(state.session.pane_layout, show=Show.PICTURE))(state))
    state = set_switch("presented_plot", step is TourStep.SWEEP)(state)
    state = set_switch("size_bars", step is TourStep.QUALITY)(state)
    if step is TourStep.SWEEP:
        return arrange(lambda layout: layout.split(left=tour.codec, right=tour.anchor))(state)
    if step is not TourStep.REGION:
        return set_view(FIT)(arrange(lambda layout: layout.in_grid())(state))
    return arrange(lambda layout: layout.split(left=tour.codec, right=tour.anchor))(state)


def _above_floors(state: AppState, tour: Tour) -> AppState:
    floors = [
        shown.result.floor_bpp
        for pane in (tour.codec, tour.anchor)
        if (shown := state.results.get(pane)) is not None and shown.result.floor_bpp is not None
    ]
    bpp = rounded_bpp(ABOVE_FLOOR * max(floors, default=0.0))
    if not floors or bpp <= tour.bpp:
        return state
    return set_target(bpp)(replace(state, tour=replace(tour, bpp=bpp)))


def _framed(state: AppState, tour: Tour) -> AppState:
    """The region where the codecs differ most, under a split line in its middle."""
    found = () if state.regions is None else state.regions.groups.get(DIFFER, ())
    if not found:
        return state
    region = found[0].region
    other = tour.anchor if region.codec == tour.codec else region.codec
    state = set_view(_inside(region_view(region.left, region.top, region.side, state.area), state))(state)
    line = region.left + region.side // 2
    return arrange(lambda layout: replace(layout.split(left=tour.codec, right=other), line=line))(state)


def _inside(view: View, state: AppState) -> View:
    """The same with as little as possible beyond the picture's edges."""
    size, zoom = state.picture_size, view.zoom
    if size is None or zoom is None or view.centre is None:
        return view
    halves = [area / zoom / 2 for area in state.area]
    x, y = (
        side / 2 if 2 * half >= side else min(max(at, half), side - half)
        for at, half, side in zip(view.centre, halves, size, strict=True)
    )
    return View(zoom, (x, y))


def _seen(state: AppState, tour: Tour) -> AppState:
    ours, theirs = state.results.get(tour.codec), state.results.get(tour.anchor)
    if ours is None or theirs is None or ours.match is not None or theirs.match is not None:
        return state
    missed = next((one.result for one in (theirs, ours) if not one.result.reachable), None)
    if missed is not None:
        tour = replace(tour, seen=None, limit=(missed.request.codec, rate_limit_note(missed)))
    else:
        measure = QualityMeasure("ms_ssim", state.session.scale.channel)
        values = [measure.of(one.result.measurement.metrics) for one in (ours, theirs)]
        tour = replace(tour, seen=(len(ours.result.stream), values[0], values[1]), limit=("", ""))
    return state if tour == state.tour else replace(state, tour=tour)


def _equal(state: AppState, tour: Tour) -> AppState:
    if tour.codec not in state.results:
        return state
    return set_quality(quality_shown(state, tour.codec, "ms_ssim"))(state)
