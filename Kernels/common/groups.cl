// No entry points.

// Number of a work-group along dimension 0, of GROUP_SIZE work-items along it, in a launch that may be
// a part of a longer one.
#define FIRST_GROUP_ID(GROUP_SIZE) \
  ((int)get_group_id(0) + (int)get_global_offset(0) / (GROUP_SIZE))
