/* Each function writes field m->field of one kind of line; true when that was its end.
 * lines.c holds those that nobody asked for, answers.c the others.
 */
#ifndef CORE_LINES_H
#define CORE_LINES_H

#include "meter.h"

bool identity_field(struct meter *m);
bool answer_field(struct meter *m);
bool listing_field(struct meter *m);
bool history_field(struct meter *m);

/** The CRC and the LF: always true. */
bool line_ended(struct meter *m);

#endif
