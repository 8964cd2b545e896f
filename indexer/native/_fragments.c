/* What of a text is shown: see indexer/results/snippets.py, which says what `fragments` gives. */
#include "_marks.h"

#define MOST 3                  /* fragments */
#define LEAD 24
#define WORTH_ADDING 0.1
#define SAME 1e-6
#define TERMS 64

/* A mark, the clauses that it begins and ends in, and which terms it shows. */
typedef struct { int64_t start, end, first, last; uint64_t terms; } Shown;

typedef struct {
    Text text;
    Numbers clauses;            /* start and end of each */
    Shown *shown;
    double worths[TERMS];
    int64_t length;
} Page;

static inline int64_t clause_count(const Page *page) { return page->clauses.count / 2; }
static inline int64_t start_of(const Page *page, int64_t clause) { return page->clauses.items[2 * clause]; }
static inline int64_t end_of(const Page *page, int64_t clause) { return page->clauses.items[2 * clause + 1]; }

static int is_one_of(Py_UCS4 code, const uint16_t *codes)
{
    for (; *codes; codes++)
        if (code == *codes) return 1;
    return 0;
}

static int ends_sentence(Py_UCS4 code)
{
    static const uint16_t ends[] = {0x3002, 0xFF01, 0xFF1F, 0xFF1B, '!', '?', ';', 0};
    return is_one_of(code, ends);
}

static int closes(Py_UCS4 code)
{
    static const uint16_t closing[] = {0x201D, 0x2019, 0x300D, 0x300F, 0xFF09, ')', '"', 0};
    return is_one_of(code, closing);
}

static int ends_clause(Py_UCS4 code)
{
    static const uint16_t ends[] = {0xFF0C, 0x3001, 0xFF1A, ',', ':', 0};
    return is_one_of(code, ends) || Py_UNICODE_ISSPACE(code);
}

static Py_ssize_t sentence_end(const Text *text, Py_ssize_t at)
{
    while (at < text->length && !ends_sentence(at_place(text, at)) && at_place(text, at) != '\n') at++;
    if (at < text->length && at_place(text, at) == '\n') {
        while (at < text->length && at_place(text, at) == '\n') at++;
        return at;
    }
    while (at < text->length && ends_sentence(at_place(text, at))) at++;
    while (at < text->length && closes(at_place(text, at))) at++;
    return at;
}

static int add_sentence(Page *page, Py_ssize_t start, Py_ssize_t end)
{
    for (Py_ssize_t at = start; at < end; at++)
        if (!Py_UNICODE_ISSPACE(at_place(&page->text, at))) {
            int64_t sentence[2] = {start, end};
            return append(&page->clauses, sentence, 2);
        }
    return 0;
}

/* Replaces sentences that are too long by their clauses. */
static int divide(Page *page)
{
    Numbers sentences = page->clauses;
    int status = 0;
    page->clauses = (Numbers){0};
    for (Py_ssize_t i = 0; i < sentences.count && !status; i += 2) {
        int64_t start = sentences.items[i], end = sentences.items[i + 1];
        while (start < end && !status) {
            int64_t clause[2] = {start, end};
            if (sentences.items[i + 1] - sentences.items[i] > page->length && end - start >= LEAD)
                for (int64_t at = start + LEAD; at < end; at++)
                    if (ends_clause(at_place(&page->text, at))) {
                        clause[1] = at + 1;
                        break;
                    }
            status = append(&page->clauses, clause, 2);
            start = clause[1];
        }
    }
    PyMem_Free(sentences.items);
    return status;
}

static int find_clauses(Page *page)
{
    int longer = 0;
    for (Py_ssize_t at = 0, end; at < page->text.length; at = end) {
        Py_ssize_t before = page->clauses.count;
        end = sentence_end(&page->text, at);
        if (add_sentence(page, at, end) < 0) return -1;
        longer |= page->clauses.count > before && end - at > page->length;
    }
    return longer ? divide(page) : 0;
}

/* How many clauses have their start, or with `edge` 1 their end, at or before a place. */
static int64_t passed(const Page *page, int64_t place, int edge)
{
    int64_t low = 0, high = clause_count(page);
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (page->clauses.items[2 * middle + edge] <= place) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* The marks that fit into a fragment; where none does, what of them is in the clause they begin in. How many; -1. */
static Py_ssize_t take_shown(Page *page, PyObject *found, PyObject *terms)
{
    Py_ssize_t count = PyList_GET_SIZE(found), fitting = 0;
    page->shown = PyMem_Malloc(((size_t)count + 1) * sizeof(Shown));
    if (!page->shown) PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < count && page->shown; i++) {
        long long start, end;
        PyObject *string, *bits;
        Shown *own = &page->shown[i];
        if (!PyArg_ParseTuple(PyList_GET_ITEM(found, i), "LLU", &start, &end, &string)) return -1;
        if (!(bits = PyDict_GetItemWithError(terms, string))) {
            if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "a mark shows no known terms");
            return -1;
        }
        int64_t first = passed(page, start, 0) - 1;
        *own = (Shown){start, end, first > 0 ? first : 0, 0, PyLong_AsUnsignedLongLongMask(bits)};
        if (PyErr_Occurred()) return -1;
        for (own->last = own->first; own->last + 1 < clause_count(page) && start_of(page, own->last + 1) < end;)
            own->last++;
    }
    for (Py_ssize_t i = 0; i < count && page->shown; i++)
        if (end_of(page, page->shown[i].last) - start_of(page, page->shown[i].first) <= page->length)
            page->shown[fitting++] = page->shown[i];
    for (Py_ssize_t i = 0; i < count && page->shown && !fitting; i++) {
        Shown *own = &page->shown[i];
        if (own->end > own->start + page->length) own->end = own->start + page->length;
        if (own->end > end_of(page, own->first)) own->end = end_of(page, own->first);
        own->last = own->first;
    }
    return page->shown ? (fitting ? fitting : count) : -1;
}

static uint64_t terms_of(const Shown *shown, Py_ssize_t count)
{
    uint64_t terms = 0;
    for (Py_ssize_t i = 0; i < count; i++) terms |= shown[i].terms;
    return terms;
}

static double worth_of(const Page *page, uint64_t terms)
{
    double worth = 0.0;
    for (; terms; terms &= terms - 1) worth += page->worths[__builtin_ctzll(terms)];
    return worth;
}

typedef struct { double worth; Py_ssize_t first, last; } Run;

/* What can be shown from a mark on. */
static Run run_from(const Page *page, Py_ssize_t number, Py_ssize_t count, uint64_t wanted, int64_t room)
{
    const Shown *shown = page->shown, *from = &shown[number];
    int64_t reach = passed(page, start_of(page, from->first) + room, 1);
    uint64_t seen = 0;
    Run run = {0.0, number, number};
    for (Py_ssize_t at = number; at < count; at++) {
        if (shown[at].last >= reach && (shown[at].last > from->first || shown[at].end - from->start > page->length)) break;
        uint64_t new = shown[at].terms & ~seen;
        if (!new) continue;
        run.worth += worth_of(page, new & wanted);
        seen |= shown[at].terms;
        run.last = at;
        if (!(wanted & ~seen)) break;
    }
    return run;
}

static Run best_run(const Page *page, Py_ssize_t count, uint64_t wanted, int64_t room)
{
    const Shown *shown = page->shown;
    Run best = {0.0, 0, 0};
    int64_t narrow = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (i + 1 < count && shown[i + 1].first == shown[i].first && !(shown[i].terms & ~shown[i + 1].terms)) continue;
        Run run = run_from(page, i, count, wanted, room);
        int64_t width = shown[run.last].end - shown[i].start;
        if (run.worth > best.worth + SAME || (run.worth > best.worth - SAME && width < narrow)) {
            best = run;
            narrow = width;
        }
    }
    return best;
}

typedef struct { int64_t start, end; } Span;

static Span trimmed(Span run, int64_t start, int64_t end, int64_t length)
{
    if (run.end - run.start <= length) return run;
    int64_t lead = length > end - start ? (length - (end - start)) / 2 : 0;
    if (lead > LEAD) lead = LEAD;
    Span span = {start - lead > run.start ? start - lead : run.start, run.end};
    if (span.start + length < span.end) span.end = span.start + length;
    return span;
}

/* The fragments, best first; how many. */
static int choose(Page *page, Py_ssize_t count, Span *spans)
{
    Shown *shown = page->shown;
    uint64_t wanted = terms_of(shown, count);
    int64_t room = page->length;
    double least = 0.0;
    int chosen = 0;
    while (chosen < MOST && count) {
        Run best = best_run(page, count, wanted, room);
        if (best.worth <= least) break;
        if (!least) least = best.worth * WORTH_ADDING;
        Shown first = shown[best.first], last = shown[best.last];
        Span run = {start_of(page, first.first), end_of(page, last.last)}, *span = &spans[chosen++];
        *span = trimmed(run, first.start, last.end, page->length);
        room -= span->end - span->start;
        wanted &= ~terms_of(shown + best.first, best.last + 1 - best.first);
        if (room <= 0 || !wanted) break;
        Py_ssize_t kept = 0;
        for (Py_ssize_t i = 0; i < count; i++)
            if ((shown[i].terms & wanted) && (shown[i].last < first.first || shown[i].first > last.last))
                shown[kept++] = shown[i];
        count = kept;
    }
    return chosen;
}

static int compare_spans(const void *a, const void *b)
{
    const Span *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

/* Lets fragments grow over the clauses that follow while there is room. */
static void grow(const Page *page, Span *spans, int count)
{
    int64_t room = page->length;
    for (int i = 0; i < count; i++) room -= spans[i].end - spans[i].start;
    for (int i = 0; i < count; i++)
        for (;;) {
            int64_t next = passed(page, spans[i].end, 0) - 1;
            int free = next >= 0 && start_of(page, next) == spans[i].end;
            for (int j = 0; j < count; j++) free &= spans[j].start != spans[i].end;
            if (!free || end_of(page, next) - spans[i].end > room) break;
            room -= end_of(page, next) - spans[i].end;
            spans[i].end = end_of(page, next);
        }
}

/* Fragments in order, those that meet as one. */
static PyObject *together(const Span *spans, int count)
{
    Numbers joined = {0};
    int status = 0;
    for (int i = 0; i < count && !status; i++) {
        int64_t span[2] = {spans[i].start, spans[i].end}, *last = joined.count ? &joined.items[joined.count - 1] : NULL;
        if (last && *last >= span[0]) *last = *last > span[1] ? *last : span[1];
        else status = append(&joined, span, 2);
    }
    PyObject *result = status ? NULL : pairs_of(&joined);
    PyMem_Free(joined.items);
    return result;
}

/* fragments(text, found, terms, worths, length): the ranges that show the marks found, each a tuple of start, end and a
 * string, whose terms are a bit each; and what these are worth. */
PyObject *marks_fragments(PyObject *self, PyObject *args)
{
    PyObject *text, *found, *terms, *worths, *result = NULL;
    Page page = {0};
    long long length;
    if (!PyArg_ParseTuple(args, "UO!O!O!L", &text, &PyList_Type, &found, &PyDict_Type, &terms, &PyList_Type, &worths,
                          &length)) return NULL;
    if (PyList_GET_SIZE(worths) > TERMS || length < 0) {
        PyErr_SetString(PyExc_ValueError, "there are 64 terms at most");
        return NULL;
    }
    page.text = text_of(text);
    page.length = length;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(worths); i++) page.worths[i] = PyFloat_AsDouble(PyList_GET_ITEM(worths, i));
    Span spans[MOST];
    Py_ssize_t count = -1;
    if (!PyErr_Occurred() && !find_clauses(&page)) {
        if (!page.clauses.count) result = PyList_New(0);
        else count = take_shown(&page, found, terms);
    }
    if (count >= 0) {
        int chosen = choose(&page, count, spans);
        if (!chosen) {
            Span first = {start_of(&page, 0), end_of(&page, 0)};
            spans[chosen++] = trimmed(first, first.start, first.end, page.length);
        }
        qsort(spans, (size_t)chosen, sizeof(Span), compare_spans);
        grow(&page, spans, chosen);
        result = together(spans, chosen);
    }
    PyMem_Free(page.clauses.items);
    PyMem_Free(page.shown);
    return result;
}
