/* Sorting the characters of texts into postings of characters and pairs: see group_pairs in
 * indexer/engine/embedded/kernel/sorting.py.
 *
 * A position of a document is a symbol: the number of the term that stands there, doubled, plus one where it
 * makes a pair with the next. A pair is never a term of its own before it is written: postings of one first
 * term after the other are sorted by the second.
 */
#include "_kernel.h"

#define FEW 48                  /* so many tokens are sorted by inserting */
#define DIGIT 8

typedef struct {
    uint32_t second;            /* 0 for the first term alone, else the place of the second plus one */
    uint32_t doc, position;
} Token;

typedef struct {
    const uint32_t *symbols, *ranks, *docs, *counts;
    Py_ssize_t positions, heads, documents;
    uint32_t low, high;         /* the places of the first terms that are asked for */
    int64_t *alone, *paired;    /* of each of them where its tokens go */
    Token *tokens, *spare;
    int64_t count, most;        /* tokens; pairs of one first term, at most */
} Pairs;

/* The place of the term at a position. */
static inline uint32_t place_of(const Pairs *p, Py_ssize_t at)
{
    return p->ranks[p->symbols[at] >> 1];
}

/* Counts the tokens of each first term; -1 where the arrays do not fit together. */
static int count_tokens(Pairs *p)
{
    Py_ssize_t at = 0;
    for (Py_ssize_t d = 0; d < p->documents; d++) {
        Py_ssize_t end = at + p->counts[d];
        if (end > p->positions) return -1;
        for (; at < end; at++) {
            uint32_t symbol = p->symbols[at];
            if ((Py_ssize_t)(symbol >> 1) >= p->heads || ((symbol & 1) && at + 1 == end)) return -1;
            uint32_t place = p->ranks[symbol >> 1];
            if ((Py_ssize_t)place >= p->heads) return -1;
            if (place < p->low || place >= p->high) continue;
            p->alone[place - p->low]++;
            p->paired[place - p->low] += symbol & 1;
        }
    }
    return at == p->positions ? 0 : -1;
}

/* From counts to where the tokens of each first term start: those of the term alone, then those of pairs. */
static void lay_out(Pairs *p)
{
    for (uint32_t head = 0; head < p->high - p->low; head++) {
        int64_t alone = p->alone[head], paired = p->paired[head];
        p->alone[head] = p->count;
        p->paired[head] = p->count + alone;
        p->count += alone + paired;
        if (paired > p->most) p->most = paired;
    }
}

static void scatter(Pairs *p)
{
    Py_ssize_t at = 0;
    for (Py_ssize_t d = 0; d < p->documents; d++) {
        for (uint32_t position = 0; position < p->counts[d]; position++, at++) {
            uint32_t place = place_of(p, at);
            if (place < p->low || place >= p->high) continue;
            p->tokens[p->alone[place - p->low]++] = (Token){0, p->docs[d], position};
            if (p->symbols[at] & 1)
                p->tokens[p->paired[place - p->low]++] = (Token){place_of(p, at + 1) + 1, p->docs[d], position};
        }
    }
}

static void insert_in_order(Token *tokens, int64_t count)
{
    for (int64_t i = 1; i < count; i++) {
        Token token = tokens[i];
        int64_t to = i;
        for (; to > 0 && tokens[to - 1].second > token.second; to--) tokens[to] = tokens[to - 1];
        tokens[to] = token;
    }
}

/* Sorts by the second term; equal ones stay in their order. */
static void sort_tokens(Token *tokens, int64_t count, Token *spare, uint32_t greatest)
{
    if (count <= FEW) {
        insert_in_order(tokens, count);
        return;
    }
    Token *from = tokens, *to = spare;
    for (int shift = 0; shift < 32 && greatest >> shift; shift += DIGIT) {
        int64_t next[(1 << DIGIT) + 1] = {0};
        for (int64_t i = 0; i < count; i++) next[((from[i].second >> shift) & ((1 << DIGIT) - 1)) + 1]++;
        for (int digit = 0; digit < 1 << DIGIT; digit++) next[digit + 1] += next[digit];
        for (int64_t i = 0; i < count; i++) to[next[(from[i].second >> shift) & ((1 << DIGIT) - 1)]++] = from[i];
        Token *swapped = from;
        from = to;
        to = swapped;
    }
    if (from != tokens) memcpy(tokens, from, (size_t)count * sizeof *tokens);
}

typedef struct {
    uint32_t *firsts, *seconds, *docs, *freqs, *positions;
    int64_t *starts, terms, postings;
} Out;

/* After scattering, `alone` and `paired` say where the tokens of each first term end. */
static void write_out(Pairs *p, Out *out)
{
    int64_t at = 0;
    for (uint32_t head = 0; head < p->high - p->low; head++) {
        int64_t from = at, end = p->paired[head];
        sort_tokens(p->tokens + p->alone[head], end - p->alone[head], p->spare, (uint32_t)p->heads);
        for (; at < end; at++) {
            const Token *token = &p->tokens[at];
            out->positions[at] = token->position;
            int fresh = at == from || token->second != token[-1].second;
            if (fresh) {
                out->firsts[out->terms] = p->low + head;
                out->seconds[out->terms] = token->second;
                out->starts[out->terms++] = out->postings;
            }
            if (fresh || token->doc != token[-1].doc) {
                out->docs[out->postings] = token->doc;
                out->freqs[out->postings++] = 1;
            } else {
                out->freqs[out->postings - 1]++;
            }
        }
    }
    out->starts[out->terms] = out->postings;
}

static PyObject *build(Pairs *p)
{
    PyObject *parts[6] = {NULL}, *result = NULL;
    int64_t sizes[6] = {p->count * 4, p->count * 4, (p->count + 1) * 8, p->count * 4, p->count * 4, p->count * 4};
    int whole = 1;
    for (int i = 0; i < 6 && whole; i++) whole = (parts[i] = PyBytes_FromStringAndSize(NULL, sizes[i])) != NULL;
    if (whole) {
        Out out = {(uint32_t *)PyBytes_AS_STRING(parts[0]), (uint32_t *)PyBytes_AS_STRING(parts[1]),
                   (uint32_t *)PyBytes_AS_STRING(parts[3]), (uint32_t *)PyBytes_AS_STRING(parts[4]),
                   (uint32_t *)PyBytes_AS_STRING(parts[5]), (int64_t *)PyBytes_AS_STRING(parts[2]), 0, 0};
        Py_BEGIN_ALLOW_THREADS
        scatter(p);
        write_out(p, &out);
        Py_END_ALLOW_THREADS
        int64_t used[6] = {out.terms * 4, out.terms * 4, (out.terms + 1) * 8,
                           out.postings * 4, out.postings * 4, p->count * 4};
        for (int i = 0; i < 6 && whole; i++) whole = !_PyBytes_Resize(&parts[i], used[i]);
        if (whole) result = PyTuple_Pack(6, parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]);
    }
    for (int i = 0; i < 6; i++) Py_XDECREF(parts[i]);
    return result;
}

/* Gives out memory where the arrays fit together; 0, or -1 with an error set. */
static int prepare(Pairs *p)
{
    int status = 0;
    if (p->low > p->high || (Py_ssize_t)p->high > p->heads) status = -1;
    if (!status) {
        p->alone = calloc((size_t)(p->high - p->low) + 1, sizeof *p->alone);
        p->paired = calloc((size_t)(p->high - p->low) + 1, sizeof *p->paired);
        if (!p->alone || !p->paired) return no_memory();
        Py_BEGIN_ALLOW_THREADS
        status = count_tokens(p);
        Py_END_ALLOW_THREADS
    }
    if (status) return refuse("symbols, terms and documents do not fit together");
    lay_out(p);
    p->tokens = malloc(((size_t)p->count + 1) * sizeof *p->tokens);
    p->spare = malloc(((size_t)p->most + 1) * sizeof *p->spare);
    return p->tokens && p->spare ? 0 : no_memory();
}

PyObject *kernel_group_pairs(PyObject *self, PyObject *args)
{
    static const char *names[4] = {"symbols", "ranks", "documents", "counts"};
    PyObject *objects[4], *result = NULL;
    unsigned int low, high;
    if (!PyArg_ParseTuple(args, "OOOOII", &objects[0], &objects[1], &objects[2], &objects[3], &low, &high))
        return NULL;
    Flat flats[4] = {{{0}}};
    int status = 0;
    for (int i = 0; i < 4 && !status; i++) status = flat_take(objects[i], 4, names[i], &flats[i]);
    Pairs p = {flats[0].view.buf, flats[1].view.buf, flats[2].view.buf, flats[3].view.buf, flats[0].length,
               flats[1].length, flats[2].length, low, high, NULL, NULL, NULL, NULL, 0, 0};
    if (!status && flats[3].length != p.documents)
        status = refuse("symbols, terms and documents do not fit together");
    if (!status && !prepare(&p)) result = build(&p);
    free(p.alone);
    free(p.paired);
    free(p.tokens);
    free(p.spare);
    flat_release(flats, 4);
    return result;
}
