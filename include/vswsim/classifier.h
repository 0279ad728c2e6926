/* Classifier: rules with wildcards and priorities, and the megaflows of their
 * decisions.
 *
 * The slow path's table.  A lookup searches one subtable per mask, those with
 * the highest priority first, and stops when no other can win.  It can also
 * say which bits of the packet decided: every packet that equals this one in
 * those bits gets the same rule, and that is a megaflow.
 *
 * To keep megaflows wide, a subtable is searched in stages: by link-layer
 * fields, then network-layer fields too, then all.  A stage that no rule
 * matches ends the search of that subtable, and only the bits up to that
 * stage have decided.  Sources: Pfaff et al., "The Design and Implementation
 * of Open vSwitch", NSDI 2015, sections 5.2 to 5.4; lib/classifier.c.  Left
 * out: its prefix tracking.
 *
 * Thread-safety: lookups may run side by side; a writer needs the classifier
 * to itself. */
#ifndef VSWSIM_CLASSIFIER_H
#define VSWSIM_CLASSIFIER_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/arena.h>
#include <vswsim/flowid.h>
#include <vswsim/flowkey.h>
#include <vswsim/memobs.h>

VSW_EXTERN_C_BEGIN

struct vsw_classifier;

/* Makes an empty classifier for 'max_rules' (1 to 2^23) rules with up to
 * 'max_subtables' (1 to 4096) different masks.  Returns NULL with 'arena'
 * unchanged if it has too little room or an argument is out of range. */
VSW_API struct vsw_classifier *vsw_classifier_new(struct vsw_arena *arena,
                                                  uint32_t max_rules,
                                                  uint32_t max_subtables);

/* Adds the rule that packets which equal 'key' in the bits of 'mask' belong to
 * 'rule' (not VSW_FLOW_NONE), unless a rule of higher priority matches them.
 * Returns 0; -EEXIST if there is a rule with this match and priority; or
 * -ENOSPC with the classifier unchanged. */
VSW_API int vsw_classifier_insert(struct vsw_classifier *cls,
                                  const struct vsw_flowkey *key,
                                  const struct vsw_flowkey *mask,
                                  uint32_t priority, uint32_t rule,
                                  struct vsw_memobs *obs);

/* Removes a rule.  Returns false if it was not there. */
VSW_API bool vsw_classifier_remove(struct vsw_classifier *cls,
                                   const struct vsw_flowkey *key,
                                   const struct vsw_flowkey *mask,
                                   uint32_t priority, struct vsw_memobs *obs);

/* Returns the rule of highest priority that matches 'key', or VSW_FLOW_NONE.
 * Among rules of equal priority the one with the least number wins.
 *
 * Unless 'decided_by' is NULL, sets in it the bits of 'key' that the decision
 * (a miss, too) depends on, and clears the others. */
VSW_API uint32_t vsw_classifier_lookup(const struct vsw_classifier *cls,
                                       const struct vsw_flowkey *key,
                                       struct vsw_flowkey *decided_by,
                                       struct vsw_memobs *obs);

VSW_API uint32_t vsw_classifier_n_rules(const struct vsw_classifier *cls);
VSW_API uint32_t vsw_classifier_n_subtables(const struct vsw_classifier *cls);

/* True if the classifier's inner structures agree; slow; for tests. */
VSW_API bool vsw_classifier_is_sound(const struct vsw_classifier *cls);

VSW_EXTERN_C_END

#endif
