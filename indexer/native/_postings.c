/* How is what is asked taken, and given back? Fields, terms and lists as cursors; and what several of the functions
 * that search look up. */
#include "_postings.h"

static int take_field(PyObject *tuple, Field *field)
{
    static const struct { const char *name; int size, optional; } parts[PARTS] = {
        {"postings", 4, 0}, {"frequent", 8, 0}, {"norms", 4, 1}, {"bounds", 4, 0},
        {"positions", 0, 1}, {"block positions", 0, 1}, {"far", 0, 1}, {"lengths", 1, 1},
    };
    if (!PyTuple_Check(tuple) || PyTuple_GET_SIZE(tuple) != PARTS) return refuse("a field is a tuple of eight");
    for (int i = 0; i < PARTS; i++) {
        PyObject *part = PyTuple_GET_ITEM(tuple, i);
        if (part == Py_None && parts[i].optional) continue;
        if (flat_take(part, parts[i].size, parts[i].name, &field->parts[i]) < 0) return -1;
    }
    int64_t blocks = blocks_of(field->postings.length);
    if (field->bounds.length < blocks
        || (field->norms.view.obj && (field->norms.length != LENGTHS || !field->lengths.view.obj))
        || (field->positions.view.obj && (field->blocks.length < blocks || !field->far.view.obj)))
        return refuse("a field's arrays do not fit together");
    return flat_verify(&field->frequent, 0, field->frequent.length);
}

static int take_term(PyObject *tuple, Query *query, Cursor *cursor)
{
    Py_ssize_t which, start, end;
    double weight;
    if (!PyArg_ParseTuple(tuple, "nnnd", &which, &start, &end, &weight)) return -1;
    if (which < 0 || which >= query->field_count) return refuse("a term is of no field");
    Field *field = &query->fields[which];
    if (start < 0 || start > end) return damaged("an offset");
    /* What is before in the same block is added up to find positions. */
    if (flat_verify(&field->postings, start / BLOCK * BLOCK, end) < 0) return -1;
    *cursor = (Cursor){.docs = (const uint32_t *)field->postings.view.buf + start, .mask = DOC_MASK,
                       .n = end - start, .start = start, .field = field, .weight = weight};
    return 0;
}

static int take_list(PyObject *tuple, Flat *flats, Field *field, Cursor *cursor)
{
    PyObject *docs, *units;
    if (!PyArg_ParseTuple(tuple, "OO", &docs, &units)) return -1;
    if (flat_take(docs, 4, "list documents", &flats[0]) < 0 || flat_take(units, 8, "list units", &flats[1]) < 0)
        return -1;
    *cursor = (Cursor){.docs = flats[0].view.buf, .mask = UINT32_MAX, .n = flats[0].length, .field = field,
                       .units = flats[1].view.buf};
    return flats[0].length == flats[1].length ? 0 : refuse("a list's arrays differ in length");
}

/* Sequences of fields, terms and lists, if any, as cursors; 0 on success. */
int take_query(PyObject *fields, PyObject *terms, PyObject *lists, Query *query)
{
    /* Verifying lets others run, who could change a list: a tuple stays as it is. */
    PyObject *sequences[3] = {fields, terms, lists}, *items[3] = {NULL};
    int status = 0;
    for (int i = 0; i < 3 && !status; i++)
        status = (items[i] = sequences[i] ? PySequence_Tuple(sequences[i]) : PyTuple_New(0)) ? 0 : -1;
    if (!status) {
        query->field_count = PyTuple_GET_SIZE(items[0]);
        query->list_count = PyTuple_GET_SIZE(items[2]);
        query->count = PyTuple_GET_SIZE(items[1]) + query->list_count;
        query->fields = calloc((size_t)query->field_count + 1, sizeof(Field));
        query->lists = calloc(2 * (size_t)query->list_count + 1, sizeof(Flat));
        query->cursors = calloc((size_t)query->count + 1, sizeof(Cursor));
        status = query->fields && query->lists && query->cursors ? 0 : no_memory();
    }
    for (Py_ssize_t i = 0; !status && i < query->field_count; i++)
        status = take_field(PyTuple_GET_ITEM(items[0], i), &query->fields[i]);
    Cursor *cursor = query->cursors;
    for (Py_ssize_t i = 0; !status && i < query->count - query->list_count; i++)
        status = take_term(PyTuple_GET_ITEM(items[1], i), query, cursor++);
    for (Py_ssize_t i = 0; !status && i < query->list_count; i++)
        status = take_list(PyTuple_GET_ITEM(items[2], i), &query->lists[2 * i], &query->fields[query->field_count],
                           cursor++);
    for (int i = 0; i < 3; i++) Py_XDECREF(items[i]);
    return status;
}

/* Verifies the positions of a term; -1 with an exception set. */
static int take_positions(const Cursor *c)
{
    const Field *f = c->field;
    int64_t first = c->start / BLOCK, last = blocks_of(c->start + c->n), told = last < f->blocks.length;
    if (!c->n) return 0;
    if (flat_verify(&f->blocks, first, last + told) < 0 || flat_verify(&f->far, 0, f->far.length) < 0) return -1;
    return flat_verify(&f->positions, (int64_t)flat_at(&f->blocks, first),
                       told ? (int64_t)flat_at(&f->blocks, last) : f->positions.length);
}

/* The same as `take_query` of terms of one field whose positions are asked for. */
int take_positional(PyObject *field, PyObject *terms, Query *query)
{
    PyObject *fields = PyTuple_Pack(1, field);
    int status = fields ? take_query(fields, terms, NULL, query) : -1;
    Py_XDECREF(fields);
    if (!status && !query->fields[0].positions.view.obj) status = refuse("a field with positions is needed");
    for (Py_ssize_t i = 0; i < query->count && !status; i++) status = take_positions(&query->cursors[i]);
    return status;
}

/* The documents that are allowed, if not all are; 0 on success. */
int take_mask(PyObject *object, Query *query)
{
    if (query->doc_count < 0 || query->doc_count > UINT32_MAX) return refuse("there are less than 2**32 documents");
    if (object == Py_None) return 0;
    if (flat_take(object, 1, "allowed", &query->flat) < 0) return -1;
    return query->flat.length >= query->doc_count ? 0 : refuse("allowed is shorter than the documents");
}

/* For each document its place among equals; 0 on success. */
int take_ranks(PyObject *object, Query *query)
{
    if (flat_take(object, 4, "ranks", &query->ranks) < 0) return -1;
    return query->ranks.length >= query->doc_count ? 0 : refuse("ranks is shorter than the documents");
}

/* As many steps as there must be, from a sequence of pairs; -1 with an exception set. */
int take_steps(PyObject *pairs, Py_ssize_t count, const char *why, Query *query)
{
    PyObject *items = PySequence_Tuple(pairs);
    int status = items ? 0 : -1;
    if (items && PyTuple_GET_SIZE(items) != count) status = refuse(why);
    if (!status && !(query->steps = malloc((size_t)(count + 1) * sizeof(Step)))) status = no_memory();
    for (Py_ssize_t i = 0; !status && i < count; i++) {
        int low, high;
        status = PyArg_ParseTuple(PyTuple_GET_ITEM(items, i), "ii", &low, &high) ? 0 : -1;
        if (!status) query->steps[i] = (Step){low, high};
    }
    Py_XDECREF(items);
    return status;
}

static void give_back(Query *query)
{
    for (Py_ssize_t i = 0; query->fields && i < query->field_count; i++) flat_release(query->fields[i].parts, PARTS);
    if (query->lists) flat_release(query->lists, 2 * query->list_count);
    flat_release(&query->flat, 1);
    flat_release(&query->ranks, 1);
    free(query->fields);
    free(query->lists);
    free(query->cursors);
    free(query->steps);
    free(query->matching);
}

/* Without the GIL `work` finds up to `most` documents and units, and says how many, or -1 without memory: these
 * as two bytes objects, and all that match as a third where it gives them. With a negative number there is an
 * exception already. Ends the query. */
PyObject *answer(Query *query, int64_t most, int64_t (*work)(Query *))
{
    PyObject *docs = NULL, *units = NULL, *result = NULL;
    if (most >= 0 && (docs = PyBytes_FromStringAndSize(NULL, most * 4))
        && (units = PyBytes_FromStringAndSize(NULL, most * 8))) {
        int64_t count;
        query->docs = (uint32_t *)PyBytes_AS_STRING(docs);
        query->units = (int64_t *)PyBytes_AS_STRING(units);
        Py_BEGIN_ALLOW_THREADS
        count = work(query);
        Py_END_ALLOW_THREADS
        int found = 0;
        for (Py_ssize_t i = 0; i <= query->field_count; i++) found |= query->fields[i].damaged;
        if (count < 0) PyErr_NoMemory();
        else if (found) damaged("a list of postings or of positions");
        else if (!_PyBytes_Resize(&docs, count * 4) && !_PyBytes_Resize(&units, count * 8))
            result = !query->matching ? PyTuple_Pack(2, docs, units)
                : Py_BuildValue("OOy#", docs, units, query->matching, (Py_ssize_t)query->matches * 4);
    }
    Py_XDECREF(docs);
    Py_XDECREF(units);
    give_back(query);
    return result;
}

/* The place in a list of the first index that is not less than `index`, near `from`. */
int64_t listed_from(const Flat *list, int64_t from, int64_t index)
{
    int64_t low = from, high = list->length / 2, step = 1;
    for (; low + step < high && (int64_t)flat_at(list, low + step) < index; step <<= 1) low += step;
    if (low + step < high) high = low + step;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if ((int64_t)flat_at(list, middle) < index) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* The number that is listed for an index: see indexer/engine/embedded/arrays/packing.py. */
uint64_t look_up(Field *field, const Flat *list, int64_t index)
{
    int64_t half = list->length / 2, place = listed_from(list, 0, index);
    if (place < half && (int64_t)flat_at(list, place) == index) return flat_at(list, half + place);
    field->damaged = 1;
    return 0;
}

int64_t bound_of(const Cursor *c)
{
    int64_t best = INT64_MIN;
    if (c->cur >= c->end) return 0;
    if (c->units || c->end - c->cur <= FEW) {
        for (int64_t i = c->cur; i < c->end; i++) {
            int64_t s = score_at(c, i);
            if (s > best) best = s;
        }
        return best > 0 ? best : 0;
    }
    if (c->weight <= 0) return 0;
    const float *bounds = c->field->bounds.view.buf;
    float top = 0;
    for (int64_t b = (c->start + c->cur) / BLOCK; b <= (c->start + c->end - 1) / BLOCK; b++)
        if (bounds[b] > top) top = bounds[b];
    double bound = c->weight * (double)top;
    return bound < (double)HIGHEST ? (int64_t)bound + 2 : HIGHEST;
}
