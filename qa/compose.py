"""Evidence -> claims -> Answer: is the question answered; write, check, set sources side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.article import Sentence
from index.errors import PromptTooLongError
from index.load import plain_text
from qa.answer import Answer, Claim, ClaimReady, Conflict
from qa.asking import named_sources, yes_or_no
from qa.complete import complete
from qa.copies import Copies
from qa.descriptions import described
from qa.evidence import Evidence
from qa.faithful import echoes, statement, without_verdict
from qa.generate import Generator
from qa.kinds import given
from qa.prompt import LINE_GRAMMAR, REFUSAL, answer_prompt
from qa.settings import Settings
from qa.sources import Sources
from qa.verify import Citations, check

NOT_HERE = "Not in these articles."
_TRIED = 2  # sentences a claim is written from at most


@dataclass(frozen=True, slots=True)
class Side:
    """An alternative that a question offers, asked by itself.

    Attributes:
        sources: The alternative as a question, and how its sentences are shown.
        evidence: Sentences judged against it, surest first.
    """

    sources: Sources
    evidence: Sequence[Evidence]


def compose(
    evidence: Sequence[Evidence],
    sources: Sources,
    generator: Generator,
    settings: Settings,
    *,
    sides: Sequence[Side] = (),
    citations: Citations,
    said: set[str],
) -> Iterator[ClaimReady | Answer]:
    """Turn judged sentences into an answer.

    Args:
        evidence: Judged sentences, surest first.
        sources: The question, and how its sentences are shown.
        generator: Writes the first claim and checks it.
        settings: The thresholds.
        sides: The alternatives that the question offers, if it finds any answer; they decide then.
        citations: Numbers them; shared by all parts of an answer.
        said: Texts of the claims so far, for the same reason; grows.

    Yields:
        Each claim once it is checked, then the answer, which still lacks names and timings.
    """
    chosen, first = _first(evidence, sides, sources, generator, settings)
    if first is None:
        nearest = tuple(e.sentence for e in sorted(evidence, key=lambda e: e.hit.rank)[: settings.nearest])
        yield Answer(question=sources.question, declined=True, lead=NOT_HERE, nearest=nearest)
        return
    claims: list[Claim] = []
    for draft in (first, *_others(chosen, first, sources.copies, settings)):
        if draft.text in said:  # for another part of the question
            continue
        said.add(draft.text)
        cited = citations.of(sources.copies.with_copies(draft.sentences))
        by = sources.said_by(draft.sentences[0])
        claims.append(Claim(draft.text, cited, verbatim=draft.verbatim, support=draft.support, said_by=by))
        yield ClaimReady(claims[-1])
    # Figures given to one alternative and to the other are no difference.
    conflicts = _side_by_side(claims) if sides else differing(claims, sources.question, comparing=sources.comparing)
    yield Answer(question=sources.question, claims=tuple(claims), conflicts=conflicts)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A claim before its citations are numbered."""

    text: str
    sentences: Sequence[Sentence]
    verbatim: bool
    support: float


def _first(
    evidence: Sequence[Evidence],
    sides: Sequence[Side],
    sources: Sources,
    generator: Generator,
    settings: Settings,
) -> tuple[Sequence[Sentence], _Draft | None]:
    """The sentences that answer, and the claim made of the best; none where no sentence answers.

    A sentence of which the model can only say the question back does not answer it: then another is tried.
    """
    if sides:
        answers = speaking(sides, settings)
        if not answers:
            return (), None
        side, best = answers[0][0], answers[0][1].sentence
        text = statement(_written(best, side, generator, settings), side.asked(best.article))
        return [e.sentence for _, e in answers], _checked(text, best, (), side, generator)
    left = list(evidence)
    for _ in range(_TRIED):
        chosen = [e.sentence for e in answering(left, settings, unheard_from=_unheard_from(left, sources, settings))]
        if not chosen:
            break
        best = chosen[0]
        # What a source calls something is told in its own words; the model takes what the sentence is about for it.
        text = "" if described(sources.question) else _written(best, sources, generator, settings)
        if echoes(text, sources.asked(best.article)) and not sources.asks_who:  # who says it stands beside the claim
            left = [e for e in left if e.sentence != best]
            continue
        # Side by side, each source speaks for itself: what one leaves out is what the reader asks for. What is heard
        # only for being another article's yes or no may be the opposite, and is not asked whether it says the same.
        also = () if sources.comparing else [e.sentence for e in answering(left, settings)[1:]]
        return chosen, _checked(without_verdict(text, plain_text(best.text)), best, also, sources, generator)
    return (), None


def _checked(text: str, best: Sentence, also: Sequence[Sentence], sources: Sources, generator: Generator) -> _Draft:
    """What the model wrote of a sentence, completed, if it stands its check; else the sentence itself."""
    text = complete(text, plain_text(best.text), said_by=sources.said_by(best))
    checked = check(text, best, also, sources=sources, generator=generator) if text else None
    if checked and checked.sentences:
        return _Draft(text, checked.sentences, verbatim=False, support=checked.support)
    return _Draft(best.text, (best,), verbatim=True, support=1.0)


def _others(chosen: Sequence[Sentence], first: _Draft, copies: Copies, settings: Settings) -> Iterator[_Draft]:
    """The sentences, word for word, that say something besides the first claim."""
    covered = {s.key for s in copies.with_copies((chosen[0], *first.sentences))}
    others = 0
    for sentence in chosen:
        if sentence.key not in covered and others < settings.max_claims - 1:
            covered |= {s.key for s in copies.with_copies((sentence,))}
            others += 1
            yield _Draft(sentence.text, (sentence,), verbatim=True, support=1.0)


def answering(evidence: Sequence[Evidence], settings: Settings, *, unheard_from: float | None = None) -> list[Evidence]:
    """The sentences that state the answer, surest first; empty where none does.

    Args:
        evidence: Judged sentences, surest first.
        settings: The thresholds.
        unheard_from: Enough for the best sentence of an article not heard yet, however sure another article is; None
            where it needs as much as any other.

    Returns:
        The best, if it is sure enough, and those nearly as sure.
    """
    if not evidence or evidence[0].stated < settings.answers_from:
        return []
    best = evidence[0]
    chosen, heard = [best], {best.sentence.article.id}
    for e in evidence[1:]:
        if unheard_from is not None and e.sentence.article.id not in heard:
            answers = e.fitting >= unheard_from
        else:
            answers = e.fitting >= settings.further_from and e.score >= best.score - settings.further_within
        if answers:
            chosen.append(e)
            heard.add(e.sentence.article.id)
    return chosen


def speaking(sides: Sequence[Side], settings: Settings) -> list[tuple[Sources, Evidence]]:
    """The sentences that speak to the alternatives of a question, each with the alternative that it speaks to.

    Args:
        sides: The alternatives.
        settings: The thresholds.

    Returns:
        The best to each alternative, if it states an answer to it, surest first; then of each other article its best to
        either, if that is sure enough to be given and nearly as sure as the best.
    """
    firsts: list[tuple[Sources, Evidence]] = []
    others: list[tuple[Sources, Evidence]] = []
    for side in sides:
        if not answering(side.evidence, settings):
            continue
        best, *rest = side.evidence
        firsts.append((side.sources, best))
        heard = {best.sentence.article.id}
        for e in rest:
            near = e.fitting >= settings.further_from and e.score >= best.score - settings.side_within
            if near and e.sentence.article.id not in heard:
                others.append((side.sources, e))
                heard.add(e.sentence.article.id)
    ordered = [*sorted(firsts, key=_score, reverse=True), *sorted(others, key=_score, reverse=True)]
    surest: dict[tuple[str, int], tuple[Sources, Evidence]] = {}
    for answer in ordered:
        surest.setdefault(answer[1].sentence.key, answer)
    return [*surest.values()]


def _score(answer: tuple[Sources, Evidence]) -> float:
    return answer[1].score


def _unheard_from(evidence: Sequence[Evidence], sources: Sources, settings: Settings) -> float | None:
    """How sure the best sentence of each article has to be, where the question should be put to all of them.

    A question that compares asks for what each has to say; a yes or no of one article may be another's opposite, unless
    the question names whose it wants.
    """
    if sources.comparing:
        return settings.comparing_from
    articles = list({e.sentence.article.id: e.sentence.article for e in evidence}.values())
    hears_all = yes_or_no(sources.question) and not named_sources(sources.question, articles)
    return settings.further_from if hears_all else None


def differing(claims: Sequence[Claim], question: str, *, comparing: bool) -> tuple[Conflict, ...]:
    """Find the claims of different articles that are not the same answer.

    Args:
        claims: Of one answer.
        question: What they answer.
        comparing: The question wants several answers side by side.

    Returns:
        Those that give other figures; else, to a question that compares, those of all articles if there are several.
    """
    numbered = [(i, given(question, c.text), {k.article.id for k in c.citations}) for i, c in enumerate(claims)]
    at_odds = [
        i
        for i, figures, articles in numbered
        if figures and any(o and not (figures & o) and not (articles & a) for j, o, a in numbered if j != i)
    ]
    if len(at_odds) > 1:
        return (Conflict(tuple(at_odds), _figures([claims[i] for i in at_odds])),)
    return _side_by_side(claims) if comparing else ()


def _side_by_side(claims: Sequence[Claim]) -> tuple[Conflict, ...]:
    """All claims as one difference, if they are of several articles."""
    several = len({c.article.id for claim in claims for c in claim.citations}) > 1
    return (Conflict(tuple(range(len(claims))), "how they put it"),) if several and len(claims) > 1 else ()


def _figures(claims: Sequence[Claim]) -> str:
    """What claims with other figures differ in: those of another day may be news, not a contradiction."""
    dates = {citation.article.date for claim in claims for citation in claim.citations}
    if None in dates:
        return "figures; not every article states its date"
    return "figures" if len(dates) == 1 else "figures, of different dates"


def _written(best: Sentence, sources: Sources, generator: Generator, settings: Settings) -> str:
    """The model's own sentence for the best source; empty where it refused, or was cut off before its end."""
    prompt = answer_prompt(sources.asked(best.article), sources.shown(best))
    try:
        reply = generator.write(prompt, grammar=LINE_GRAMMAR, max_tokens=settings.max_claim_tokens)
    except PromptTooLongError:  # a table or a list as long as the context can still be quoted
        return ""
    refused = reply.strip().startswith(REFUSAL.rstrip("."))
    return "" if refused or generator.count(reply) >= settings.max_claim_tokens else " ".join(reply.split())
