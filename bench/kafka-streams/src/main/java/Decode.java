import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;

/** Reads COUNT Debezium records of TOPIC by Kafka Streams into typed rows, and ends: BOOTSTRAP TOPIC COUNT FOLDER. */
public class Decode {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] words) throws Exception {
        long count = Long.parseLong(words[2]);
        AtomicLong seen = new AtomicLong();
        CountDownLatch all = new CountDownLatch(1);
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "kafka-streams-" + ProcessHandle.current().pid());
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, words[0]);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, words[3]);
        settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put("auto.offset.reset", "earliest");
        StreamsBuilder plan = new StreamsBuilder();
        plan.<byte[], byte[]>stream(words[1]).mapValues(Decode::row).foreach((key, row) -> {
            if (row != null && seen.incrementAndGet() == count) all.countDown();
        });
        KafkaStreams streams = new KafkaStreams(plan.build(), settings);
        streams.start();
        all.await();
        System.out.println(seen.get());
        System.exit(0);
    }

    /** A birth date that no calendar has stays the text that it was. */
    private static Object date(String day) {
        try {
            return LocalDate.parse(day);
        } catch (DateTimeParseException error) {
            return day;
        }
    }

    private static Map<String, Object> row(byte[] value) {
        try {
            JsonNode envelope = JSON.readTree(value);
            JsonNode after = envelope.get("after");
            Map<String, Object> row = new HashMap<>();
            if (after != null && after.isObject()) {
                after.properties().forEach(field -> row.put(field.getKey(), field.getValue().asText()));
                if (row.get("birth_date") instanceof String day && day.length() == 10) {
                    row.put("birth_date", date(day));
                }
            }
            row.put("op", envelope.get("op").asText());
            row.put("lsn", envelope.get("source").get("lsn").asLong());
            return row;
        } catch (Exception error) {
            throw new IllegalStateException(error);
        }
    }
}
