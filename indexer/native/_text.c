/* What is done to every character of a text: see normalize in indexer/text/normalize.py,
 * indexer/text/units.py and indexer/derived/duplicates/sketches.py.
 */

#include "_ranges.h"

#define ROOM 1024               /* characters of a text for which the stack does */

typedef struct {
    Py_UCS4 here[ROOM], *out;
} Buffer;

static int take(Buffer *buffer, Py_ssize_t length)
{
    buffer->out = length > ROOM ? PyMem_Malloc((size_t)length * sizeof *buffer->out) : buffer->here;
    if (!buffer->out) PyErr_NoMemory();
    return buffer->out ? 0 : -1;
}

static void give_back(Buffer *buffer)
{
    if (buffer->out != buffer->here) PyMem_Free(buffer->out);
}

/* fold(text, table): each character replaced by table[its code point], those beyond the table as they are. */
static PyObject *fold(PyObject *self, PyObject *args)
{
    PyObject *text, *table;
    if (!PyArg_ParseTuple(args, "UU", &text, &table)) return NULL;
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), known = PyUnicode_GET_LENGTH(table);
    int kind = PyUnicode_KIND(text), table_kind = PyUnicode_KIND(table);
    const void *from = PyUnicode_DATA(text), *to = PyUnicode_DATA(table);
    Buffer buffer;
    Py_UCS4 differs = 0;
    if (take(&buffer, length) < 0) return NULL;
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 code = PyUnicode_READ(kind, from, i);
        buffer.out[i] = (Py_ssize_t)code < known ? PyUnicode_READ(table_kind, to, code) : code;
        differs |= buffer.out[i] ^ code;
    }
    PyObject *folded =
        differs ? PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, buffer.out, length) : Py_NewRef(text);
    give_back(&buffer);
    return folded;
}

/* signs(text, table, at, wanted): the classes that characters of a text show from a place on, as bits, and the place
 * where the first begins that is wanted; no more is read then. An entry of the table is for a code point, the
 * last one for the end of a text: eight bits of classes that begin with it, then those of classes in which it is not
 * the second, then not the third. */
static PyObject *signs(PyObject *self, PyObject *args)
{
    PyObject *text;
    Py_buffer table;
    Py_ssize_t at;
    unsigned wanted;
    if (!PyArg_ParseTuple(args, "Uy*nI", &text, &table, &at, &wanted)) return NULL;
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), known = table.len / (Py_ssize_t)sizeof(uint32_t) - 1;
    if (known < 0 || (uintptr_t)table.buf % sizeof(uint32_t) || at < 0) {
        PyBuffer_Release(&table);
        PyErr_SetString(PyExc_ValueError, "a table of signs has an entry for the end of a text");
        return NULL;
    }
    int kind = PyUnicode_KIND(text);
    const void *from = PyUnicode_DATA(text);
    const uint32_t *entries = table.buf;
    uint32_t found = 0, one = 0, two = 0; /* what goes on behind one character, and behind two */
    for (; at < length + 2 && !(found & wanted & 0xFF); at++) {
        Py_UCS4 code = at < length ? PyUnicode_READ(kind, from, at) : (Py_UCS4)known;
        uint32_t entry = entries[(Py_ssize_t)code < known ? (Py_ssize_t)code : known];
        found |= two & ~(entry >> 16);
        two = one & ~(entry >> 8);
        one = at < length ? entry : 0;
    }
    PyBuffer_Release(&table);
    return Py_BuildValue("(In)", (unsigned)(found & 0xFF), at - 3);
}

/* Where what is not seen ends that begins at a place; the place itself where nothing does. */
static Py_ssize_t unseen_until(
    int kind, const void *text, Py_ssize_t length, Py_ssize_t at, const Ranges *ignorable, const Ranges *joined)
{
    Py_UCS4 code = PyUnicode_READ(kind, text, at);
    Py_ssize_t end = at;
    if (is_in(ignorable, code)) {
        while (end < length && is_in(ignorable, PyUnicode_READ(kind, text, end))) end++;
        return end;
    }
    if (!at || !Py_UNICODE_ISSPACE(code) || !is_in(joined, PyUnicode_READ(kind, text, at - 1))) return at;
    for (; end < length; end++) {
        code = PyUnicode_READ(kind, text, end);
        if (!Py_UNICODE_ISSPACE(code) && !is_in(ignorable, code)) break;
    }
    return end < length && is_in(joined, code) ? end : at;
}

/* seen(text, joined, ignorable): a text without what no reader sees. */
static PyObject *seen(PyObject *self, PyObject *args)
{
    PyObject *text, *first, *second;
    if (!PyArg_ParseTuple(args, "UUU", &text, &first, &second)) return NULL;
    Ranges joined = ranges_of(first), ignorable = ranges_of(second);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), count = 0, at = 0;
    int kind = PyUnicode_KIND(text);
    const void *from = PyUnicode_DATA(text);
    Buffer buffer;
    if (take(&buffer, length) < 0) return NULL;
    while (at < length) {
        Py_UCS4 code = PyUnicode_READ(kind, from, at);
        /* Most characters are of the first range, or ASCII that is seen. */
        int plain = (code > ' ' && code < 0x7f)
                    || (joined.count && code >= PyUnicode_READ(joined.kind, joined.data, 0)
                        && code <= PyUnicode_READ(joined.kind, joined.data, 1));
        Py_ssize_t end = plain ? at : unseen_until(kind, from, length, at, &ignorable, &joined);
        if (end == at) {
            buffer.out[count++] = code;
            at++;
        } else {
            at = end;
        }
    }
    PyObject *result =
        count < length ? PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, buffer.out, count) : Py_NewRef(text);
    give_back(&buffer);
    return result;
}

enum Class { NONE, RUN, DIGIT, LETTER };

static inline enum Class class_of(const Ranges *runs, Py_UCS4 code)
{
    if (is_in(runs, code)) return RUN;
    if (!Py_UNICODE_ISALNUM(code)) return NONE;
    return Py_UNICODE_ISDECIMAL(code) ? DIGIT : LETTER;
}

typedef struct {
    int kind;
    const void *text;
    Py_ssize_t length;
    Ranges runs;
} Text;

static inline int is_one_of(const Ranges *signs, Py_UCS4 code)
{
    for (Py_ssize_t i = 0; i < signs->count; i++)
        if (PyUnicode_READ(signs->kind, signs->data, i) == code) return 1;
    return 0;
}

static inline Py_UCS4 at_place(const Text *t, Py_ssize_t at)
{
    return at < t->length ? PyUnicode_READ(t->kind, t->text, at) : 0;
}

/* Where the characters of a class end that stand at a place. */
static inline Py_ssize_t class_end(const Text *t, Py_ssize_t at, enum Class class)
{
    while (at < t->length && class_of(&t->runs, at_place(t, at)) == class) at++;
    return at;
}

/* Where the digits end that a sign joins to those before it; the place of the sign where it joins none. */
static inline Py_ssize_t joined_end(const Text *t, Py_ssize_t at, Py_UCS4 sign)
{
    if (at_place(t, at) != sign) return at;
    Py_ssize_t end = class_end(t, at + 1, DIGIT);
    return end > at + 1 ? end : at;
}

static inline int is_joined(const Text *t, Py_ssize_t at, Py_UCS4 sign)
{
    return at > 1 && at_place(t, at - 1) == sign && class_of(&t->runs, at_place(t, at - 2)) == DIGIT;
}

/* Where a number ends that begins at a place: it has commas between its thousands and one point. */
static Py_ssize_t number_end(const Text *t, Py_ssize_t at)
{
    Py_ssize_t whole = class_end(t, at, DIGIT), end = whole, next;
    Py_UCS4 first = at_place(t, at);
    if (whole - at <= 3 && first >= '1' && first <= '9' && !is_joined(t, at, '.') && !is_joined(t, at, ',')) {
        while ((next = joined_end(t, end, ',')) == end + 4) end = next;
        if (end > whole && next == end) {
            end = joined_end(t, end, '.');
            if (joined_end(t, end, '.') == end && joined_end(t, end, ',') == end) return end;
        }
    }
    if (is_joined(t, at, '.')) return whole;
    end = joined_end(t, whole, '.');
    return joined_end(t, end, '.') == end ? end : whole;
}

/* Where a unit ends that begins at a place with a character of a class. */
static Py_ssize_t unit_end(const Text *t, Py_ssize_t at, enum Class class)
{
    if (class == DIGIT) return number_end(t, at);
    at = class_end(t, at, class);
    if (class != LETTER) return at;
    if (at_place(t, at) == '+' && at_place(t, at + 1) == '+') return at + 2;
    return at_place(t, at) == '#' ? at + 1 : at;
}

/* Adds the sign that stands between two units as a unit of its own, if it ends a sentence. */
static Py_ssize_t add_stop(uint32_t *spans, Py_ssize_t count, Py_ssize_t sign)
{
    if (sign < 0) return count;
    spans[count++] = (uint32_t)sign << 1;
    spans[count++] = (uint32_t)sign + 1;
    return count;
}

/* A text where signs that are units, those of one character that are in `ends`, are `stop`, and the others of them
 * blanks. */
static PyObject *with_stops(const Text *t, PyObject *text, const Ranges *ends, Py_UCS4 stop, const uint32_t *spans, Py_ssize_t count)
{
    Buffer buffer;
    Py_ssize_t next = 0;
    Py_UCS4 differs = 0;
    if (take(&buffer, t->length) < 0) return NULL;
    for (Py_ssize_t at = 0; at < t->length; at++) {
        Py_UCS4 code = PyUnicode_READ(t->kind, t->text, at);
        buffer.out[at] = code;
        if (!is_one_of(ends, code)) continue;
        while (next < count && (Py_ssize_t)(spans[next] >> 1) < at) next += 2;
        buffer.out[at] = next < count && (Py_ssize_t)(spans[next] >> 1) == at ? stop : ' ';
        differs |= buffer.out[at] ^ code;
    }
    PyObject *found =
        differs ? PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, buffer.out, t->length) : Py_NewRef(text);
    give_back(&buffer);
    return found;
}

/* units(text, runs, ends, stop): twice the start of each unit, plus one for a run, and its end, as 32-bit numbers.
 * Between two units the first of the signs `ends` is a unit too, which the text that is given with them has `stop`
 * for. */
static PyObject *units(PyObject *self, PyObject *args)
{
    PyObject *text, *ranges, *signs;
    int stop;
    if (!PyArg_ParseTuple(args, "UUUC", &text, &ranges, &signs, &stop)) return NULL;
    Text t = {PyUnicode_KIND(text), PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text), ranges_of(ranges)};
    Ranges ends = {PyUnicode_KIND(signs), PyUnicode_DATA(signs), PyUnicode_GET_LENGTH(signs)};
    if (t.length > INT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "a text has less than 2**31 characters");
        return NULL;
    }
    Buffer buffer;
    /* No unit is shorter than a character: two numbers for each are enough. */
    if (take(&buffer, 2 * t.length) < 0) return NULL;
    Py_ssize_t count = 0, at = 0, sign = -1;
    int any = 0;
    while (at < t.length) {
        Py_UCS4 code = at_place(&t, at);
        enum Class class = class_of(&t.runs, code);
        if (class == NONE) {
            if (is_one_of(&ends, code)) {
                any = 1;
                if (sign < 0 && count) sign = at;
            }
            at++;
            continue;
        }
        count = add_stop(buffer.out, count, sign);
        sign = -1;
        buffer.out[count++] = (Py_UCS4)(at << 1 | (class == RUN));
        at = unit_end(&t, at, class);
        buffer.out[count++] = (Py_UCS4)at;
    }
    PyObject *own = any ? with_stops(&t, text, &ends, (Py_UCS4)stop, buffer.out, count) : Py_NewRef(text);
    PyObject *spans = PyBytes_FromStringAndSize((const char *)buffer.out, count * (Py_ssize_t)sizeof *buffer.out);
    give_back(&buffer);
    if (own && spans) return Py_BuildValue("(NN)", own, spans);
    Py_XDECREF(own);
    Py_XDECREF(spans);
    return NULL;
}

/* ---- sketch: see indexer/derived/duplicates/sketches.py -------------------------------------------------- */

#define VALUES 8
#define LANE 12                 /* bits of a value */

static const uint32_t FACTORS[VALUES] = {
    0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1, 0xD6E8FEB9, 0xA0761D65, 0xE7037ED1,
};

typedef struct {
    uint64_t digest;
    uint32_t least[VALUES];
    Py_ssize_t count;
    Py_UCS4 last;
} Sketch;

static inline void add_pair(Sketch *sketch, Py_UCS4 code)
{
    uint64_t pair = (uint64_t)sketch->last << 21 | code;
    pair = (pair ^ pair >> 30) * 0xBF58476D1CE4E5B9ull;
    pair = (pair ^ pair >> 27) * 0x94D049BB133111EBull;
    pair ^= pair >> 31;
    sketch->digest += pair;
    for (int i = 0; i < VALUES; i++) {
        uint32_t hash = (uint32_t)(pair >> 32) * FACTORS[i];
        if (hash < sketch->least[i]) sketch->least[i] = hash;
    }
}

/* sketch(text, spans, shortest, stop): the two numbers of a text of at least so many characters in its units, but for
 * those that are `stop`. */
static PyObject *sketch(PyObject *self, PyObject *args)
{
    PyObject *text, *spans;
    Py_ssize_t shortest;
    Py_buffer view;
    int stop;
    if (!PyArg_ParseTuple(args, "UOnC", &text, &spans, &shortest, &stop)) return NULL;
    if (PyObject_GetBuffer(spans, &view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) < 0) return NULL;
    /* Where there is nothing it may lie anywhere. */
    int fits = view.itemsize == 4 && (!view.len || !((uintptr_t)view.buf % 4));
    Py_ssize_t numbers = fits ? view.len / 4 : 1, length = PyUnicode_GET_LENGTH(text);
    const uint32_t *span = view.buf;
    int kind = PyUnicode_KIND(text), status = numbers % 2 ? -1 : 0;
    const void *data = PyUnicode_DATA(text);
    Sketch found = {0};
    memset(found.least, 0xFF, sizeof found.least);
    for (Py_ssize_t i = 0; i < numbers && !status; i += 2) {
        if ((Py_ssize_t)span[i + 1] > length) status = -1;
        for (Py_ssize_t at = span[i] >> 1; at < (Py_ssize_t)span[i + 1] && !status; at++) {
            Py_UCS4 code = PyUnicode_READ(kind, data, at);
            if (code == (Py_UCS4)stop) continue;
            if (found.count++) add_pair(&found, code);
            found.last = code;
        }
    }
    PyBuffer_Release(&view);
    if (status) {
        PyErr_SetString(PyExc_ValueError, "units are spans of their text");
        return NULL;
    }
    if (found.count < shortest || !found.count) return Py_BuildValue("(LL)", 0LL, 0LL);
    add_pair(&found, 0);
    uint64_t halves[2] = {found.digest >> 48, found.digest >> 32 & 0xFFFF};
    for (int i = 0; i < VALUES; i++)
        halves[i * 2 / VALUES] = halves[i * 2 / VALUES] << LANE | (found.least[i] & ((1 << LANE) - 1));
    return Py_BuildValue("(LL)", (long long)halves[0], (long long)halves[1]);
}

static PyMethodDef METHODS[] = {
    {"fold", fold, METH_VARARGS, "A text with each character replaced by the table's."},
    {"seen", seen, METH_VARARGS, "A text without what no reader sees."},
    {"signs", signs, METH_VARARGS, "Which of eight classes the characters of a text show, and where."},
    {"sketch", sketch, METH_VARARGS, "The fingerprint of a text."},
    {"units", units, METH_VARARGS, "The runs, words and numbers of a text."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "_text", NULL, -1, METHODS, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__text(void)
{
    return PyModule_Create(&MODULE);
}
