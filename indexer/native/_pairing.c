/* Sorting the characters of texts into postings of characters and pairs: see group_pairs in
 * indexer/engine/embedded/kernel/sorting.py.
 *
 * A position of a document is a symbol: the place of the term that stands there among all, doubled, plus one where
 * it makes a pair with the next. A pair is never a term of its own before it is written: postings of one first
 * term after the other are sorted by the second.
 */
#include "_kernel.h"

#define FEW 48                  /* so many tokens are sorted by inserting */
#define DIGIT 8

typedef struct {
    uint32_t second;            /* 0 for the first term alone, else the place of the second plus one */
    uint32_t doc, position;
} Token;

/* Where the tokens of a first term are: those of the term alone, and behind as much room for its pairs. */
typedef struct { int64_t start, alone, paired, end; } Head;

typedef struct {
    const uint32_t *symbols, *docs, *counts;
    const int64_t *sizes;       /* of each place how many positions have it */
    Py_ssize_t positions, documents, heads;
    uint32_t low, high;         /* the places of the first terms that are asked for */
    Head *head;
    Token *tokens, *spare;
    int64_t room, most;         /* tokens, at most; positions of one first term, at most */
} Pairs;

/* Gives each first term its room; -1 where sizes are none. */
static int lay_out(Pairs *p)
{
    for (uint32_t place = p->low; place < p->high; place++) {
        int64_t size = p->sizes[place], start = p->room;
        if (size < 0 || size > p->positions) return -1;
        p->head[place - p->low] = (Head){start, start, start + size, start + 2 * size};
        p->room += 2 * size;
        if (size > p->most) p->most = size;
        if (p->room > 2 * (int64_t)p->positions) return -1;
    }
    return 0;
}

/* Puts the tokens where they go; -1 where the arrays do not fit together. */
static int scatter(Pairs *p)
{
    const uint32_t *symbol = p->symbols, *end = symbol + p->positions;
    uint32_t first = p->low << 1, behind = (p->high - p->low) << 1;
    for (Py_ssize_t d = 0; d < p->documents; d++) {
        if (p->counts[d] > end - symbol) return -1;
        for (uint32_t position = 0; position < p->counts[d]; position++, symbol++) {
            if (*symbol - first >= behind) continue;
            Head *head = &p->head[(*symbol >> 1) - p->low];
            if (head->alone == head->start + (head->end - head->start) / 2) return -1;
            p->tokens[head->alone++] = (Token){0, p->docs[d], position};
            if (!(*symbol & 1)) continue;
            if (position + 1 == p->counts[d] || (Py_ssize_t)(symbol[1] >> 1) >= p->heads) return -1;
            p->tokens[head->paired++] = (Token){(symbol[1] >> 1) + 1, p->docs[d], position};
        }
    }
    return symbol == end ? 0 : -1;
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
    int64_t *starts, terms, postings, tokens;
} Out;

/* Takes the sorted tokens of one first term. */
static void write_tokens(const Token *token, const Token *end, uint32_t first, Out *out)
{
    for (const Token *last = NULL; token < end; last = token++) {
        int fresh = !last || token->second != last->second;
        out->positions[out->tokens++] = token->position;
        if (fresh) {
            out->firsts[out->terms] = first;
            out->seconds[out->terms] = token->second;
            out->starts[out->terms++] = out->postings;
        }
        if (fresh || token->doc != last->doc) {
            out->docs[out->postings] = token->doc;
            out->freqs[out->postings++] = 1;
        } else {
            out->freqs[out->postings - 1]++;
        }
    }
}

static void write_out(Pairs *p, Out *out)
{
    for (uint32_t place = p->low; place < p->high; place++) {
        const Head *head = &p->head[place - p->low];
        Token *pairs = p->tokens + head->start + (head->end - head->start) / 2;
        sort_tokens(pairs, p->tokens + head->paired - pairs, p->spare, (uint32_t)p->heads);
        write_tokens(p->tokens + head->start, p->tokens + head->alone, place, out);
        write_tokens(pairs, p->tokens + head->paired, place, out);
    }
    out->starts[out->terms] = out->postings;
}

static PyObject *build(Pairs *p)
{
    PyObject *parts[6] = {NULL}, *result = NULL;
    int64_t sizes[6] = {p->room * 4, p->room * 4, (p->room + 1) * 8, p->room * 4, p->room * 4, p->room * 4};
    int whole = 1;
    for (int i = 0; i < 6 && whole; i++) whole = (parts[i] = PyBytes_FromStringAndSize(NULL, sizes[i])) != NULL;
    if (whole) {
        Out out = {(uint32_t *)PyBytes_AS_STRING(parts[0]), (uint32_t *)PyBytes_AS_STRING(parts[1]),
                   (uint32_t *)PyBytes_AS_STRING(parts[3]), (uint32_t *)PyBytes_AS_STRING(parts[4]),
                   (uint32_t *)PyBytes_AS_STRING(parts[5]), (int64_t *)PyBytes_AS_STRING(parts[2]), 0, 0, 0};
        Py_BEGIN_ALLOW_THREADS
        write_out(p, &out);
        Py_END_ALLOW_THREADS
        int64_t used[6] = {out.terms * 4, out.terms * 4, (out.terms + 1) * 8,
                           out.postings * 4, out.postings * 4, out.tokens * 4};
        for (int i = 0; i < 6 && whole; i++) whole = !_PyBytes_Resize(&parts[i], used[i]);
        if (whole) result = PyTuple_Pack(6, parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]);
    }
    for (int i = 0; i < 6; i++) Py_XDECREF(parts[i]);
    return result;
}

/* Gives out memory and puts the tokens into it, where the arrays fit together; 0, or -1 with an error set. */
static int prepare(Pairs *p)
{
    int status = p->low > p->high || (Py_ssize_t)p->high > p->heads || p->heads > INT32_MAX ? -1 : 0;
    if (!status) {
        p->head = malloc(((size_t)(p->high - p->low) + 1) * sizeof *p->head);
        if (!p->head) return no_memory();
        status = lay_out(p);
    }
    if (!status) {
        p->tokens = malloc(((size_t)p->room + 1) * sizeof *p->tokens);
        p->spare = malloc(((size_t)p->most + 1) * sizeof *p->spare);
        if (!p->tokens || !p->spare) return no_memory();
        Py_BEGIN_ALLOW_THREADS
        status = scatter(p);
        Py_END_ALLOW_THREADS
    }
    return status ? refuse("symbols, terms and documents do not fit together") : 0;
}

PyObject *kernel_group_pairs(PyObject *self, PyObject *args)
{
    static const char *names[4] = {"symbols", "documents", "counts", "sizes"};
    PyObject *objects[4], *result = NULL;
    unsigned int low, high;
    if (!PyArg_ParseTuple(args, "OOOOII", &objects[0], &objects[1], &objects[2], &objects[3], &low, &high))
        return NULL;
    Flat flats[4] = {{{0}}};
    int status = 0;
    for (int i = 0; i < 4 && !status; i++) status = flat_take(objects[i], i < 3 ? 4 : 8, names[i], &flats[i]);
    Pairs p = {flats[0].view.buf, flats[1].view.buf, flats[2].view.buf, flats[3].view.buf, flats[0].length,
               flats[1].length, flats[3].length, low, high, NULL, NULL, NULL, 0, 0};
    if (!status && flats[2].length != p.documents)
        status = refuse("symbols, terms and documents do not fit together");
    if (!status && !prepare(&p)) result = build(&p);
    free(p.head);
    free(p.tokens);
    free(p.spare);
    flat_release(flats, 4);
    return result;
}
