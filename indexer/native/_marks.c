/* What of a text is marked: see indexer/query/patterns.py (covered) and indexer/results/highlight.py (marks), which say
 * what each gives. */
#include "_marks.h"

int append(Numbers *numbers, const int64_t *items, Py_ssize_t count)
{
    if (numbers->count + count > numbers->room) {
        Py_ssize_t room = 2 * (numbers->count + count) + 64;
        int64_t *grown = PyMem_Realloc(numbers->items, (size_t)room * sizeof *grown);
        if (!grown) {
            PyErr_NoMemory();
            return -1;
        }
        numbers->items = grown;
        numbers->room = room;
    }
    memcpy(numbers->items + numbers->count, items, (size_t)count * sizeof *items);
    numbers->count += count;
    return 0;
}

/* Pairs of numbers as a list of tuples. */
PyObject *pairs_of(const Numbers *numbers)
{
    PyObject *list = PyList_New(numbers->count / 2);
    for (Py_ssize_t i = 0; list && i < numbers->count / 2; i++) {
        PyObject *pair = Py_BuildValue("(LL)", (long long)numbers->items[2 * i], (long long)numbers->items[2 * i + 1]);
        if (pair) PyList_SET_ITEM(list, i, pair);
        else Py_CLEAR(list);
    }
    return list;
}

/* ---- covered: see indexer/query/patterns.py ------------------------------------------------------- */

#define SLOTS 64

/* Strings by their first characters: the numbers of those of a slot, and of the next that shares it, -1 at the end. */
typedef struct {
    PyObject *strings;
    Py_ssize_t heads[SLOTS], *next;
} Dictionary;

static inline Py_ssize_t slot_of(Py_UCS4 code) { return (code ^ code >> 6) % SLOTS; }

static int take_strings(PyObject *strings, Dictionary *dictionary)
{
    Py_ssize_t count = PyTuple_GET_SIZE(strings);
    *dictionary = (Dictionary){.strings = strings, .next = PyMem_Malloc(((size_t)count + 1) * sizeof(Py_ssize_t))};
    if (!dictionary->next) PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < SLOTS; i++) dictionary->heads[i] = -1;
    for (Py_ssize_t i = 0; i < count && dictionary->next; i++) {
        PyObject *string = PyTuple_GET_ITEM(strings, i);
        if (!PyUnicode_Check(string) || !PyUnicode_GET_LENGTH(string)) {
            PyErr_SetString(PyExc_TypeError, "strings of at least one character are needed");
            PyMem_Free(dictionary->next);
            return -1;
        }
        Py_ssize_t slot = slot_of(PyUnicode_READ_CHAR(string, 0));
        dictionary->next[i] = dictionary->heads[slot];
        dictionary->heads[slot] = i;
    }
    return dictionary->next ? 0 : -1;
}

/* The length of the longest string that stands at a place, 0 where none does. */
static Py_ssize_t longest_at(const Dictionary *dictionary, int kind, const void *text, Py_ssize_t left)
{
    Py_ssize_t longest = 0;
    for (Py_ssize_t i = dictionary->heads[slot_of(PyUnicode_READ(kind, text, 0))]; i >= 0; i = dictionary->next[i]) {
        PyObject *string = PyTuple_GET_ITEM(dictionary->strings, i);
        Py_ssize_t length = PyUnicode_GET_LENGTH(string), at = 0;
        if (length <= longest || length > left) continue;
        int own = PyUnicode_KIND(string);
        const void *data = PyUnicode_DATA(string);
        while (at < length && PyUnicode_READ(own, data, at) == PyUnicode_READ(kind, text, at)) at++;
        if (at == length) longest = length;
    }
    return longest;
}

/* Appends the ranges in which any of the strings stands, those that overlap or touch as one. */
static int find_covered(const Dictionary *dictionary, const Text *text, Numbers *ranges)
{
    int64_t range[2] = {0, 0};
    for (Py_ssize_t at = 0; at < text->length; at++) {
        Py_ssize_t found = longest_at(dictionary, text->kind, text->data + at * text->kind, text->length - at);
        if (!found) continue;
        if (at > range[1] || !range[1]) {
            if (range[1] && append(ranges, range, 2) < 0) return -1;
            range[0] = at;
        }
        if (at + found > range[1]) range[1] = at + found;
    }
    return range[1] ? append(ranges, range, 2) : 0;
}

/* covered(text, strings): the ranges in which any of the strings stands, those that overlap or touch as one. */
static PyObject *covered(PyObject *self, PyObject *args)
{
    PyObject *text, *strings;
    Dictionary dictionary;
    Numbers ranges = {0};
    if (!PyArg_ParseTuple(args, "UO!", &text, &PyTuple_Type, &strings) || take_strings(strings, &dictionary) < 0)
        return NULL;
    Text in = text_of(text);
    PyObject *result = find_covered(&dictionary, &in, &ranges) < 0 ? NULL : pairs_of(&ranges);
    PyMem_Free(dictionary.next);
    PyMem_Free(ranges.items);
    return result;
}

/* ---- marks: see indexer/results/stretches.py and highlight.py --------------------------------------- */

enum Tier { WHOLE, WORDS, PARTS, ACROSS };

typedef struct {
    Text text, typed;
    const int32_t *words;       /* the first and the last of each, in turn */
    Py_ssize_t word_count;
    const Ranges *runs;
    Numbers *found;             /* tier, start and end of each candidate */
} Typed;

static int add_candidate(const Typed *t, enum Tier tier, Py_ssize_t start, Py_ssize_t end)
{
    int64_t candidate[3] = {tier, start, end};
    return append(t->found, candidate, 3);
}

static int is_at(const Typed *t, Py_ssize_t at, Py_ssize_t start, Py_ssize_t length)
{
    if (at + length > t->typed.length) return 0;
    for (Py_ssize_t i = 0; i < length; i++)
        if (at_place(&t->typed, at + i) != at_place(&t->text, start + i)) return 0;
    return 1;
}

/* The first place of the typed string, from `at`, at which `length` characters of the text from `start` stand; -1. */
static Py_ssize_t stands_at(const Typed *t, Py_ssize_t at, Py_ssize_t start, Py_ssize_t length)
{
    for (; at + length <= t->typed.length; at++)
        if (is_at(t, at, start, length)) return at;
    return -1;
}

static int is_character(const Typed *t, Py_ssize_t at, Py_ssize_t length)
{
    return length == 1 && is_in(t->runs, at_place(&t->typed, at));
}

/* Adds what may be marked of a stretch that stands at a place of the typed string: the words and parts of words in it,
 * and all from the first to the last; 0 where there is nothing to be marked, -1 without memory. */
static int add_parts(const Typed *t, Py_ssize_t at, Py_ssize_t start, Py_ssize_t length)
{
    Py_ssize_t count = 0, first = 0, last = 0;
    int whole = 0;
    for (int again = 0; again < 2; again++) {
        for (Py_ssize_t i = 0; i < t->word_count; i++) {
            Py_ssize_t from = t->words[2 * i], to = t->words[2 * i + 1];
            Py_ssize_t low = from > at ? from : at, high = to < at + length ? to : at + length;
            int is_word = low == from && high == to;
            if (!is_word && high - low < 2) continue;
            if (!again) {
                if (!count++) first = low;
                last = high;
                whole |= is_word;
            } else if (!is_character(t, low, high - low)
                       && add_candidate(t, is_word ? WORDS : PARTS, start + low - at, start + high - at) < 0) {
                return -1;
            }
        }
        if (again) break;
        if (!count || (count == 1 && is_character(t, first, last - first))) return 0;
        if (add_candidate(t, whole ? WORDS : PARTS, start + first - at, start + last - at) < 0) return -1;
    }
    return 1;
}

static int add_stretch(const Typed *t, Py_ssize_t start, Py_ssize_t length)
{
    int any = 0;
    if (length == t->typed.length) return add_candidate(t, WHOLE, start, start + length);
    for (Py_ssize_t at = 0; (at = stands_at(t, at, start, length)) >= 0; at++) {
        int added = add_parts(t, at, start, length);
        if (added < 0) return -1;
        any |= added;
    }
    return !any && length > 1 ? add_candidate(t, ACROSS, start, start + length) : 0;
}

/* Adds what may be marked in a range that consists of parts of the typed string: of its longest stretches that stand
 * there too; none of them holds another. */
static int add_zone(const Typed *t, Py_ssize_t start, Py_ssize_t end)
{
    Py_ssize_t last = start;
    for (Py_ssize_t first = start; first < end; first++) {
        Py_ssize_t before = last, at = 0;
        if (last < first) last = first;
        while (last < end && (at = stands_at(t, at, first, last + 1 - first)) >= 0) last++;
        if (last > (before > first ? before : first) && add_stretch(t, first, last - first) < 0) return -1;
    }
    return 0;
}

/* Adds what may be marked of a typed string without Latin words: a tuple of it, what it is looked for by, its words. */
static int add_typed(PyObject *tuple, Typed *t)
{
    PyObject *typed, *strings;
    Py_buffer words;
    Dictionary dictionary;
    Numbers zones = {0};
    if (!PyArg_ParseTuple(tuple, "UO!y*", &typed, &PyTuple_Type, &strings, &words)) return -1;
    int status = 0;
    /* Where no words are is nowhere in particular. */
    if (words.len % (Py_ssize_t)(2 * sizeof *t->words) || (words.len && (uintptr_t)words.buf % sizeof *t->words)) {
        PyErr_SetString(PyExc_ValueError, "words are pairs of 32-bit numbers");
        status = -1;
    }
    if (!status && !(status = take_strings(strings, &dictionary))) {
        t->typed = text_of(typed);
        t->words = words.buf;
        t->word_count = words.len / (Py_ssize_t)(2 * sizeof *t->words);
        /* What is no place of the string is no word. */
        for (Py_ssize_t i = 0; i < 2 * t->word_count; i++)
            if (t->words[i] < 0 || t->words[i] > t->typed.length) t->word_count = 0;
        status = find_covered(&dictionary, &t->text, &zones);
        for (Py_ssize_t i = 0; i < zones.count && !status; i += 2)
            status = add_zone(t, zones.items[i], zones.items[i + 1]);
        PyMem_Free(dictionary.next);
        PyMem_Free(zones.items);
    }
    PyBuffer_Release(&words);
    return status;
}

/* Adds candidates that are known: tuples of tier, length below zero, start, end. */
static int add_known(PyObject *known, Numbers *found)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(known); i++) {
        long long tier, length, start, end;
        if (!PyArg_ParseTuple(PyList_GET_ITEM(known, i), "LLLL", &tier, &length, &start, &end)) return -1;
        int64_t candidate[3] = {tier, start, end};
        if (append(found, candidate, 3) < 0) return -1;
    }
    return 0;
}

static int compare_candidates(const void *a, const void *b)
{
    const int64_t *x = a, *y = b, left = x[1] - x[2], right = y[1] - y[2];
    if (x[0] != y[0]) return x[0] < y[0] ? -1 : 1;
    if (left != right) return left < right ? -1 : 1;
    return x[1] < y[1] ? -1 : x[1] > y[1];
}

/* Of candidates, best first, each that overlaps none taken before, ascending. */
static int take_apart(const Numbers *found, Numbers *taken)
{
    for (Py_ssize_t i = 0; i < found->count; i += 3) {
        const int64_t *own = found->items + i;
        int64_t mark[2] = {own[1], own[2]};
        Py_ssize_t at = 0, high = taken->count / 2;
        while (at < high) {
            Py_ssize_t middle = (at + high) / 2;
            if (taken->items[2 * middle] <= mark[0]) at = middle + 1;
            else high = middle;
        }
        at *= 2;
        if ((at && taken->items[at - 1] > mark[0]) || (at < taken->count && taken->items[at] < mark[1])) continue;
        if (append(taken, mark, 2) < 0) return -1;
        memmove(taken->items + at + 2, taken->items + at, (size_t)(taken->count - at - 2) * sizeof *mark);
        taken->items[at] = mark[0];
        taken->items[at + 1] = mark[1];
    }
    return 0;
}

/* marks(text, typed, known, runs): the ranges to mark, ascending, apart from one another. */
static PyObject *marks(PyObject *self, PyObject *args)
{
    PyObject *text, *several, *known, *runs, *result = NULL;
    Numbers found = {0}, taken = {0};
    if (!PyArg_ParseTuple(args, "UO!O!U", &text, &PyTuple_Type, &several, &PyList_Type, &known, &runs)) return NULL;
    Ranges ranges = ranges_of(runs);
    Typed typed = {.text = text_of(text), .runs = &ranges, .found = &found};
    int status = add_known(known, &found);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(several) && !status; i++)
        status = add_typed(PyTuple_GET_ITEM(several, i), &typed);
    if (!status) {
        if (found.count) qsort(found.items, (size_t)found.count / 3, 3 * sizeof(int64_t), compare_candidates);
        Numbers told = found;
        while (told.count && told.items[told.count - 3] == ACROSS) told.count -= 3;
        status = take_apart(told.count ? &told : &found, &taken);
    }
    if (!status) result = pairs_of(&taken);
    PyMem_Free(found.items);
    PyMem_Free(taken.items);
    return result;
}

static PyMethodDef METHODS[] = {
    {"covered", covered, METH_VARARGS, "The ranges that strings cover in a text."},
    {"fragments", marks_fragments, METH_VARARGS, "The ranges of a text that show what was found in it."},
    {"marks", marks, METH_VARARGS, "The ranges of a text that are marked."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "_marks", NULL, -1, METHODS, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__marks(void)
{
    return PyModule_Create(&MODULE);
}
