# Included after project() of an interface package that is built for Node and Python alone: they reach messages through
# their C form, so the C++ forms and what needs no Fast DDS are left out. Given by -DCMAKE_PROJECT_INCLUDE=THIS.
find_package(ament_cmake REQUIRED)
find_package(rosidl_default_generators REQUIRED)
foreach(left_out
    rosidl_generator_cpp rosidl_typesupport_cpp rosidl_typesupport_fastrtps_cpp rosidl_typesupport_introspection_cpp)
  list(FILTER AMENT_EXTENSIONS_rosidl_generate_idl_interfaces EXCLUDE REGEX "^${left_out}:")
endforeach()
